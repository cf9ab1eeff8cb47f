/** Builds the interface once for every host of a window: static files, no inline script, no remote origin. */
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, "..", ".nanami", "app", "renderer"),
    emptyOutDir: true,
    target: "chrome140",
    modulePreload: { polyfill: false },
    // Nothing is inlined: the content policy allows files of our own and nothing else.
    assetsInlineLimit: 0,
  },
});
