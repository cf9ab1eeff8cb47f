/** `npm run fix`: formats everything and repairs what the linter can repair. */
import { execa } from "execa";
import { main } from "./command.ts";

await main(async () => {
  for (const words of [
    ["node_modules/prettier/bin/prettier.cjs", "--write", "--log-level", "warn", "."],
    ["node_modules/eslint/bin/eslint.js", "--fix", "."],
  ]) {
    const { exitCode } = await execa(process.execPath, words, { reject: false, stdio: "inherit" });
    if (exitCode !== 0) return exitCode ?? 1;
  }
  return 0;
});
