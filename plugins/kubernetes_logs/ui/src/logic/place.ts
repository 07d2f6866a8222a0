/** A row at the top of the view, and how far it is pushed up (never down). */
export interface Place {
  index: number;
  offset: number;
}

/** Sizes that a scrollbar works with. Browsers give up on elements higher than some millions of pixels. */
export interface Scale {
  total: number;
  rowHeight: number;
  viewHeight: number;
}

const HIGHEST = 6_000_000;

/** Return the height of the element that makes the scrollbar. */
export function spacerHeight({ total, rowHeight }: Scale): number {
  return Math.min(HIGHEST, total * rowHeight);
}

export function isScaled(scale: Scale): boolean {
  return scale.total * scale.rowHeight > HIGHEST;
}

function ratio(scale: Scale): number {
  const space = Math.max(1, spacerHeight(scale) - scale.viewHeight);
  return Math.max(1, scale.total * scale.rowHeight - scale.viewHeight) / space;
}

/** Return the place that a scrollbar's position means. */
export function placeAt(scrollTop: number, scale: Scale): Place {
  const position = Math.max(0, scrollTop) * ratio(scale);
  const index = Math.max(0, Math.min(scale.total - 1, Math.floor(position / scale.rowHeight)));
  return { index, offset: index * scale.rowHeight - position };
}

/** Return where the scrollbar belongs for a place. */
export function scrollTopOf({ index, offset }: Place, scale: Scale): number {
  return Math.max(0, (index * scale.rowHeight - offset) / ratio(scale));
}

/** Move a place by pixels, through rows whose heights are known or estimated. */
export function movePlace(place: Place, delta: number, total: number, heightOf: (index: number) => number): Place {
  let { index } = place;
  let offset = place.offset - delta;
  while (offset > 0 && index > 0) {
    index -= 1;
    offset -= heightOf(index);
  }
  while (index < total - 1 && -offset >= heightOf(index)) {
    offset += heightOf(index);
    index += 1;
  }
  return { index, offset: index === 0 ? Math.min(0, offset) : offset };
}
