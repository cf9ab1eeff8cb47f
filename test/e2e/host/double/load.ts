/** Loads the built app with a double in place of `electron`; as often as a test likes, each time anew. */
import { createRequire, registerHooks } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ElectronDouble, type DoubleOptions } from "./electron-double.ts";

const MAIN = resolve(".nanami/app/main/main.js");
const SCHEME = "electron-double:";
const MARK = "?instance=";
const doubles = new Map<string, Record<string, unknown>>();
const nativeImport = createRequire(import.meta.url)("./native-import.cjs") as (
  url: string,
) => Promise<unknown>;
declare global {
  /** How a module made of text reaches the double it stands for. */
  var nanamiDoubles: typeof doubles | undefined;
}
globalThis.nanamiDoubles = doubles;

registerHooks({
  resolve(specifier, context, next) {
    const instance = context.parentURL?.split(MARK)[1];
    if (instance === undefined) return next(specifier, context);
    if (specifier === "electron") return { url: SCHEME + instance, format: "module", shortCircuit: true };
    const found = next(specifier, context);
    // The app's own parts belong to the same instance; Node's are everybody's.
    return found.url.startsWith("file:") ? { ...found, url: found.url + MARK + instance } : found;
  },
  load(url, context, next) {
    if (!url.startsWith(SCHEME)) return next(url, context);
    const instance = url.slice(SCHEME.length);
    const names = Object.keys(doubles.get(instance) ?? {}).join(", ");
    const source = `const electron = globalThis.nanamiDoubles.get(${JSON.stringify(instance)});
export default electron;
export const { ${names} } = electron;`;
    return { format: "module", source, shortCircuit: true };
  },
});

// Each app adds its own listeners for the end of the process, and is one of many here.
process.setMaxListeners(0);
let last = 0;

/** Starts the app with these words after the program's own. */
export async function startOnDouble(
  options: DoubleOptions,
  words: readonly string[],
): Promise<ElectronDouble> {
  const double = new ElectronDouble(options, words);
  last += 1;
  const instance = String(last);
  doubles.set(instance, double.module());
  const { argv } = process;
  process.argv = ["/opt/nanami/nanami", ...(options.packaged ? [] : ["--no-sandbox", "."]), ...words];
  Object.assign(process, {
    defaultApp: !options.packaged,
    resourcesPath: join(options.userData, "resources"),
  });
  try {
    await nativeImport(`${pathToFileURL(MAIN).href}${MARK}${instance}`);
  } finally {
    process.argv = argv;
  }
  return double;
}
