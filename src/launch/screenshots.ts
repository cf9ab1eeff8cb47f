/** `npm run screenshots`: pictures of every screen of the app, into `.nanami/screenshots` or the folder that is given. */
import { main } from "./command.ts";
import { runInSandbox } from "./sandbox.ts";
import { ensurePrograms } from "./system-packages.ts";
import { buildInterface } from "./window.ts";

await main(async ([folder = ".nanami/screenshots"]) => {
  ensurePrograms("screenshots");
  await buildInterface();
  return runInSandbox([process.execPath, "test/e2e/app/screenshots.ts", folder]);
});
