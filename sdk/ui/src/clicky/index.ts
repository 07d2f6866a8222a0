/** The renderer of clicky documents, apart from the kit so that a page loads it when a result is there to draw. */
export { Clicky } from "./Clicky.tsx";
export { readClicky } from "./convert.ts";
export { plainText, type ClickyNode } from "./node.ts";
export { safeHref } from "./sanitize.ts";
