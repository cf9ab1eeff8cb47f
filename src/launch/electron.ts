/** The desktop app as Electron runs it: whether its runtime is here, and how it is built and started. */
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

const PACKAGE = join("node_modules", "electron");

/**
 * Absolute path of Electron's program; null where only its package is installed. Looks and never asks the package
 * itself, which would fetch the runtime. `ELECTRON_OVERRIDE_DIST_PATH` names another folder, as for the package.
 */
export function electronRuntime(root: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const folder = join(root, PACKAGE);
  try {
    const override = env["ELECTRON_OVERRIDE_DIST_PATH"] ?? "";
    const program = join(
      override === "" ? join(folder, "dist") : override,
      override === "" ? readFileSync(join(folder, "path.txt"), "utf8").trim() : "electron",
    );
    accessSync(program, constants.X_OK);
    return program;
  } catch {
    return null;
  }
}

/** Builds main process and preload; the interface is built by `buildInterface`. Throws with the tool's words. */
export async function buildDesktopApp(): Promise<void> {
  const words = [
    join("node_modules", "electron-vite", "bin", "electron-vite.js"),
    "build",
    "--logLevel=error",
  ];
  const result = await execa(process.execPath, words, { all: true, reject: false, stdin: "ignore" });
  if (result.exitCode !== 0) throw new Error(`the desktop app cannot be built: ${result.all}`);
}
