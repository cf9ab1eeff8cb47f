/** The app's small deciders: where the window goes, names of files, what starts at login, the package's fuses. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flipFuses, FuseState, FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { autostartEntry } from "../../../electron/autostart.ts";
import { FUSES } from "../../../electron/fuses.ts";
import { installerHere, installService } from "../../../electron/service.ts";
import { shortened } from "../../../electron/shortened.ts";
import { suggestedName } from "../../../electron/suggested-name.ts";
import { hostTexts } from "../../../electron/texts/index.ts";
import { boundsFor, FIRST_SIZE } from "../../../electron/window/bounds.ts";
import { languageFor } from "../../../src/bridge/language.ts";
import { electronRuntime } from "../../../src/launch/electron.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-small-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("where the window opens", () => {
  const display = { x: 0, y: 24, width: 1920, height: 1056 };
  const kept = { x: 100, y: 100, width: 500, height: 700, maximized: false };

  test("where it was", () => {
    const { maximized, ...bounds } = kept;
    expect(boundsFor(kept, [display])).toEqual({ bounds, maximized });
    expect(boundsFor({ ...kept, maximized: true }, [display]).maximized).toBe(true);
  });

  test.each([[{ x: 1900 }], [{ x: -450 }], [{ y: 0 }], [{ y: 1040 }]])(
    "not where it could not be taken hold of: %o",
    (moved) => {
      expect(boundsFor({ ...kept, ...moved }, [display]).bounds).toEqual({ width: 500, height: 700 });
    },
  );

  test("no larger than the display", () => {
    const small = { x: 0, y: 0, width: 1024, height: 600 };
    expect(boundsFor(kept, [small]).bounds).toEqual({ x: 100, y: 100, width: 500, height: 600 });
  });

  test.each([undefined, null, "x", { ...kept, width: 1 }, { ...kept, x: Number.NaN }, { ...kept, more: 1 }])(
    "at the first size for %o",
    (broken) => {
      expect(boundsFor(broken, [display])).toEqual({ bounds: FIRST_SIZE, maximized: false });
    },
  );
});

test.each([
  ["office", "office.conf"],
  ["../../.ssh/authorized_keys", "-..-.ssh-authorized_keys.conf"],
  ["a\u202eb\0c", "a-b-c.conf"],
  ["...", "nanami.conf"],
  ["C:\\x", "C--x.conf"],
])("a file is suggested by a name that is one part of a path: %j", (name, suggested) => {
  expect(suggestedName(name, "conf")).toBe(suggested);
  expect(suggestedName(name, "text")).toMatch(/\.txt$/);
});

test("a long text is cut in no letter's middle", () => {
  expect(shortened("東京🗼塔", 3)).toBe("東京…");
  expect(shortened("東京🗼", 3)).toBe("東京🗼");
});

test("the language is the chosen one, or the first of the system's that there is", () => {
  expect(languageFor("ja", ["en-GB"])).toBe("ja");
  expect(languageFor("system", ["fr-FR", "ja-JP", "en"])).toBe("ja");
  expect(languageFor("system", ["fr-FR"])).toBe("en");
});

test("what starts at login is quoted by the rules of desktop entries", () => {
  const entry = autostartEntry({ program: '/opt/Na "na" $mi/100%\\x', words: ["--hidden"] });
  expect(entry).toContain('Exec="/opt/Na \\\\"na\\\\" \\\\$mi/100%%\\\\\\\\x" "--hidden"\n');
});

describe("installing the service", () => {
  const texts = hostTexts("en").service;

  test("runs one fixed command line with nothing of the environment", async () => {
    const pkexec = join(folder, "pkexec");
    await writeFile(pkexec, '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.words"\nenv > "$0.env"\n');
    await chmod(pkexec, 0o755);
    process.env["NANAMI_TEST_SECRET"] = "x";
    await installService({ pkexec, cli: "/opt/nanami/resources/bin/nanami" }, 1000, texts);
    delete process.env["NANAMI_TEST_SECRET"];
    expect((await readFile(`${pkexec}.words`, "utf8")).split("\n")).toEqual([
      "/opt/nanami/resources/bin/nanami",
      "service",
      "install",
      "--for",
      "1000",
      "",
    ]);
    expect(await readFile(`${pkexec}.env`, "utf8")).not.toContain("NANAMI_TEST_SECRET");
  });

  test.each([
    [126, "cancelled"],
    [127, "unavailable"],
    [1, "unavailable"],
  ])("tells why it was not installed: status %i", async (status, code) => {
    const pkexec = join(folder, "pkexec");
    await writeFile(pkexec, `#!/bin/sh\nexit ${status}\n`);
    await chmod(pkexec, 0o755);
    await expect(installService({ pkexec, cli: "/x" }, 1000, texts)).rejects.toMatchObject({
      problem: { code },
    });
  });

  test("is for copying where it cannot be run", async () => {
    expect(installerHere("darwin", folder)).toBeNull();
    expect(installerHere("linux", folder)).toBeNull();
    await expect(installService(null, 1000, texts)).rejects.toMatchObject({
      problem: { code: "unavailable" },
    });
  });
});

test("Electron's runtime is looked for and never fetched", async () => {
  expect(electronRuntime(folder, {})).toBeNull();
  const dist = join(folder, "node_modules", "electron", "dist");
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, "..", "path.txt"), "electron");
  expect(electronRuntime(folder, {})).toBeNull();
  await writeFile(join(dist, "electron"), "");
  expect(electronRuntime(folder, {})).toBeNull();
  await chmod(join(dist, "electron"), 0o755);
  expect(electronRuntime(folder, {})).toBe(join(dist, "electron"));
  expect(electronRuntime(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, "none") })).toBeNull();
  expect(electronRuntime("/none", { ELECTRON_OVERRIDE_DIST_PATH: dist })).toBe(join(dist, "electron"));
});

test("a package's program has its fuses burnt: no Node, no options, no inspector, its own archive alone", async () => {
  const program = join(folder, "electron");
  // What marks the fuses in a program (electron/fuses, constants), version 1, and nine of them, all on.
  const wire = Buffer.from(`dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009${"1".repeat(9)}`, "latin1");
  await writeFile(program, Buffer.concat([Buffer.alloc(64), wire, Buffer.alloc(64)]));
  await flipFuses(program, FUSES);
  const burnt = await getCurrentFuseWire(program);
  const on = (option: FuseV1Options) => burnt[option] === FuseState.ENABLE;
  for (const option of [
    FuseV1Options.RunAsNode,
    FuseV1Options.EnableNodeOptionsEnvironmentVariable,
    FuseV1Options.EnableNodeCliInspectArguments,
    FuseV1Options.GrantFileProtocolExtraPrivileges,
  ])
    expect(on(option)).toBe(false);
  expect(on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation)).toBe(true);
  expect(on(FuseV1Options.OnlyLoadAppFromAsar)).toBe(true);
});
