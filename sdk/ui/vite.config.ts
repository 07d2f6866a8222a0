import { defineConfig } from "vite";

/** The one JS file for authors of foreign pages: both APIs, no framework. */
export default defineConfig({
  build: {
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: true,
    target: "es2022",
    lib: { entry: "src/client.ts", formats: ["es"], fileName: () => "plugin-ui.js" },
  },
});
