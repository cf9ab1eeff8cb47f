/** Builds the desktop app's main process and its preload. What they show is built by `renderer/vite.config.ts`. */
import { join } from "node:path";
import { defineConfig } from "electron-vite";

const built = join(import.meta.dirname, ".nanami", "app");
const room = join(import.meta.dirname, "electron");

export default defineConfig({
  main: {
    build: {
      outDir: join(built, "main"),
      // Everything is inside: a package needs no node_modules beside it.
      externalizeDeps: false,
      lib: { entry: join(room, "main.ts"), formats: ["es"] },
    },
  },
  preload: {
    build: {
      outDir: join(built, "preload"),
      externalizeDeps: false,
      // A sandboxed preload is one CommonJS file, whatever the package's own modules are.
      lib: { entry: join(room, "preload.ts"), formats: ["cjs"] },
    },
  },
});
