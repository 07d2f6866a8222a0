/** Return the origin of the page that frames this one: what the browser says it was, else our own. */
export function parentOrigin(): string {
  if (window.parent === window || !document.referrer) return window.location.origin;
  return new URL(document.referrer).origin;
}
