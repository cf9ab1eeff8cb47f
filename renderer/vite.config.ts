/** Builds the interface once for every host of a window: static files, no inline script, no remote origin. */
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { textsAsData } from "./build/texts-as-data.ts";
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
 * The order in which the browser asks for what the page begins with. The program comes first, on the connection that
 * brought the page; nothing is drawn before it ran, which would be an empty frame. The small file of the bridge's
 * connection runs as soon as it is there: others wait for each other, and for the styles.
 */
function inOrder(): Plugin {
  return {
    name: "in-order",
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        const tags = [...html.matchAll(/ *<script type="module".*<\/script>\n/g)].map(([tag]) => tag);
        const [program, early] = ["first", "early"].map((name) =>
          tags.find((tag) => tag.includes(`/${name}-`)),
        );
        if (program === undefined || early === undefined)
          throw new Error("a file that the page begins with is missing");
        const others = tags.filter((tag) => tag !== program && tag !== early);
        const ordered = [
          program.replace(" crossorigin", ' blocking="render"$&'),
          early.replace(" crossorigin", " async$&"),
          ...others,
        ];
        return html.replace(tags.join(""), ordered.join(""));
      },
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react(), ownLanguagesOnly(), noJsonSchemas(), toldAsData(), textsAsData(), inOrder()],
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
