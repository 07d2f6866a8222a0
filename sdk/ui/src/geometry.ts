/** Values of CSS variables that place an element; null removes one. */
export type Geometry = Record<`--${string}`, string | number | null>;

/** Set CSS variables on an element: the only way this kit writes to `style` (D20). */
export function setGeometry(element: HTMLElement | null, geometry: Geometry): void {
  if (!element) return;
  for (const [name, value] of Object.entries(geometry)) {
    if (value === null) element.style.removeProperty(name);
    else element.style.setProperty(name, String(value));
  }
}

/** Return a ref callback that sets CSS variables whenever it is called with a new closure. */
export function placed(geometry: Geometry): (element: HTMLElement | null) => void {
  return (element) => setGeometry(element, geometry);
}
