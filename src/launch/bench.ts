/**
 * `npm run bench`: every benchmark, one after the other so that none disturbs another, each in a sandbox of its own;
 * one table at the end. `--json` prints the rows instead; a part of a path chooses files. Status 1 when a benchmark
 * did not run or a target was missed.
 */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BenchRow } from "../../test/bench/row.ts";
import { PLAIN } from "../cli/view/paint.ts";
import { table } from "../cli/view/table.ts";
import { main } from "./command.ts";
import { runInSandbox } from "./sandbox.ts";
import { ensurePrograms } from "./system-packages.ts";

const FOLDER = join("test", "bench");
const ROWS = join(".nanami", "bench", "rows.json");

async function run(file: string): Promise<readonly BenchRow[]> {
  await rm(ROWS, { force: true });
  const status = await runInSandbox([process.execPath, "src/launch/bench-file.ts", file, ROWS]);
  if (status !== 0) throw new Error(`${file}: ended with status ${status}, see above`);
  // Written by bench-file.ts a moment ago.
  return JSON.parse(await readFile(ROWS, "utf8")) as BenchRow[];
}

/** The rows as a table. */
function view(rows: readonly BenchRow[], columns: number): string {
  const verdict = { true: "met", false: "MISSED", null: "-" };
  return table(
    ["WHAT", "VALUE", "AGAINST", "RATIO", "TARGET", ""],
    rows.map(({ what, value, against, ratio, target, met }) => [
      what,
      value,
      against,
      ratio === null ? "-" : ratio.toFixed(2),
      target,
      verdict[`${met}`],
    ]),
    columns,
    PLAIN,
  );
}

await main(async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const files = (await readdir(FOLDER))
    .filter((name) => name.endsWith(".bench.ts"))
    .map((name) => join(FOLDER, name))
    .filter((path) => positionals.length === 0 || positionals.some((part) => path.includes(part)))
    .sort();
  if (files.length === 0)
    throw new Error(`no benchmark matches ${positionals.join(" ")}; they are in ${FOLDER}`);
  ensurePrograms("bench");
  await mkdir(join(".nanami", "bench"), { recursive: true });

  const rows: BenchRow[] = [];
  const broken: string[] = [];
  for (const file of files) {
    process.stderr.write(`${file}…\n`);
    try {
      rows.push(...(await run(file)));
    } catch (error) {
      broken.push(error instanceof Error ? error.message : String(error));
    }
  }
  process.stdout.write(
    values.json
      ? `${JSON.stringify(rows, undefined, 2)}\n`
      : `\n${view(rows, process.stdout.isTTY ? process.stdout.columns : 120)}`,
  );
  for (const message of broken) process.stderr.write(`nanami: ${message}\n`);
  return broken.length > 0 || rows.some(({ met }) => met === false) ? 1 : 0;
});
