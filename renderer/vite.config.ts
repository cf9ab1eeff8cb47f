/** Builds the interface once for every host of a window: static files, no inline script, no remote origin. */
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { toldAsData } from "./build/told-as-data.ts";

/** react-aria brings its few own words in thirty languages; the window speaks two. */
function ownLanguagesOnly(): Plugin {
  const other =
    /\/react-(?:aria|aria-components|stately)\/dist\/private\/intl\/.*\b(?!en-US|ja-JP)[a-z]{2}-[A-Z]{2}\.mjs$/;
  return {
    name: "own-languages-only",
    load: (id) => (other.test(id) ? "export default {};" : null),
  };
}

/** zod can describe itself as JSON Schema, which nothing in a window asks for; its schemas carry that along. */
function noJsonSchemas(): Plugin {
  const unused = /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors|json-schema-generator)\.js$/;
  return {
    name: "no-json-schemas",
    transform: (code, id) =>
      unused.test(id)
        ? [...code.matchAll(/^export (?:const|function|class) (\w+)/gm)]
            .map(([, name]) => `export const ${name} = () => undefined;`)
            .join("\n")
        : null,
  };
}

/**
 * Lets the browser run the connection's small file as soon as it is there: others wait for each other, and for the
 * styles.
 */
function earlyFirst(): Plugin {
  return {
    name: "early-first",
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        const early = html.replace(/<script type="module"(?=[^>]*\/early-)/, "$& async");
        if (early === html) throw new Error("the page does not ask for the early file");
        return early;
      },
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react(), ownLanguagesOnly(), noJsonSchemas(), toldAsData(), earlyFirst()],
  build: {
    outDir: join(import.meta.dirname, "..", ".nanami", "app", "renderer"),
    emptyOutDir: true,
    target: "chrome140",
    modulePreload: { polyfill: false },
    // Nothing is inlined: the content policy allows files of our own and nothing else.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What the window needs first is one file: a browser opens six connections, and each file is a round trip. Its
        // connection to the host is another, which is there long before.
        codeSplitting: {
          groups: [
            {
              name: "early",
              test: /\/early-socket\.ts$/,
              priority: 1,
              includeDependenciesRecursively: false,
            },
            { name: "first", tags: ["$initial"], includeDependenciesRecursively: false },
          ],
        },
      },
    },
  },
});
