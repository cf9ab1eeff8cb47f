/** As `renderer/vite.config.ts` has it: neither page brings what only older browsers need. */
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { target: "chrome140", modulePreload: { polyfill: false } },
});
