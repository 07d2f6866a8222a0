import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type UserConfig } from "vite";

/** What a page's build may differ in; all else is shared by the shell and every plugin. */
export interface PageBuild {
  /** Folder that is emptied and refilled, relative to the page's own folder. */
  outDir: string;
  /** "./" for a plugin's page, which is served below a path it does not know; "/" for the shell. */
  base: "./" | "/";
}

/** The host puts a fresh nonce of the page's content security policy in its place; CodeMirror's styles need it. */
const NONCE_PLACEHOLDER = "__CSP_NONCE__";

/** Return the Vite configuration of a page built on this kit. */
export function pageConfig({ outDir, base }: PageBuild): UserConfig {
  return defineConfig({
    base,
    html: base === "./" ? { cspNonce: NONCE_PLACEHOLDER } : {},
    plugins: [tailwindcss()],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    resolve: { alias: { react: "preact/compat", "react-dom": "preact/compat" }, dedupe: ["preact"] },
    build: {
      outDir,
      emptyOutDir: true,
      sourcemap: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      license: { fileName: "THIRD_PARTY.md" },
    },
  });
}
