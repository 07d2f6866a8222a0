/** The part of the address that a page owns: `#/sessions?state=active`. */
export interface HashView {
  path: string;
  params: URLSearchParams;
}

/** Read a hash, with or without `#` and `/`. */
export function parseHash(hash: string): HashView {
  const text = hash.replace(/^#?\/?/, "");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  return { path, params: new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)) };
}

/** Write a hash without `#`; empty values are left out. */
export function renderHash({ path, params }: HashView): string {
  const kept = new URLSearchParams();
  for (const [key, value] of params) if (value !== "") kept.append(key, value);
  const query = kept.toString();
  return `/${path}${query ? `?${query}` : ""}`;
}

/** Return the parameters with some replaced; null or empty removes one. */
export function withParams(params: URLSearchParams, changes: Record<string, string | null>): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(key);
    else next.set(key, value);
  }
  return next;
}
