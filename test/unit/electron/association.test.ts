/** Links and files that are opened with the app: what the desktop is told, by a package or by the app itself. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FuseV1Options } from "@electron/fuses";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CONFIG_TYPE, desktopEntry, MIME_TYPES, OPENS, SCHEME } from "../../../electron/association/entry.ts";
import { associate, associationPlan, canAssociate } from "../../../electron/association/install.ts";
import { execValue } from "../../../electron/desktop-command.ts";
import { FUSES } from "../../../electron/fuses.ts";

const VALIDATE = "/usr/bin/desktop-file-validate";
const UPDATE_MIME = "/usr/bin/update-mime-database";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-association-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = { program: "/opt/an app/electron", words: ["/home/ren/50% of $HOME"] };
const packaged = (path: string) => readFile(new URL(`../../../packaging/${path}`, import.meta.url), "utf8");
const json = async (path: string) => JSON.parse(await packaged(path)) as Record<string, unknown>;

/** The keys of an entry's one group. Throws where a line is none. */
function keysOf(entry: string): Map<string, string> {
  const [head, ...lines] = entry.trimEnd().split("\n");
  expect(head).toBe("[Desktop Entry]");
  return new Map(
    lines.map((line) => {
      const match = /^(?<key>[A-Za-z][A-Za-z-]*(?:\[ja\])?)=(?<value>.+)$/.exec(line)?.groups;
      if (match?.["key"] === undefined || match["value"] === undefined) throw new Error(`no key: ${line}`);
      return [match["key"], match["value"]] as const;
    }),
  );
}

describe("the desktop entry", () => {
  test("opens links, configurations and archives, and passes them as words", () => {
    const keys = keysOf(desktopEntry(execValue(start, "%U")));
    expect(keys.get("MimeType")).toBe(`x-scheme-handler/nanami;${CONFIG_TYPE};application/zip;`);
    // Escaped for the shell-like words, then for the string (Desktop Entry Specification, "The Exec key").
    expect(keys.get("Exec")).toBe(String.raw`"/opt/an app/electron" "/home/ren/50%% of \\$HOME" %U`);
    expect([...keys.keys()].filter((key) => key.endsWith("[ja]"))).toHaveLength(2);
  });

  test("is the same in the packages, but for the program", async () => {
    expect(await packaged("desktop/nanami.desktop")).toBe(desktopEntry("nanami-app %U"));
    expect(await packaged("desktop/nanami.xml")).toBe(MIME_TYPES);
  });

  test("is one by the desktops' own judge, where that is installed", async ({ skip }) => {
    skip(!existsSync(VALIDATE), `${VALIDATE} (package desktop-file-utils) is not here`);
    const path = join(folder, "nanami.desktop");
    await writeFile(path, desktopEntry(execValue(start, "%U")));
    const { exitCode, all } = await execa(VALIDATE, [path], { all: true, reject: false });
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: "" });
  });
});

describe("the app itself", () => {
  const environment = () => ({ XDG_DATA_HOME: folder, XDG_DATA_DIRS: join(folder, "system"), HOME: folder });

  test("does it on Linux alone, and not where a package did", async () => {
    expect(canAssociate("linux", environment())).toBe(true);
    expect(canAssociate("darwin", environment())).toBe(false);
    expect(canAssociate("win32", environment())).toBe(false);
    await mkdir(join(folder, "system", "applications"), { recursive: true });
    await writeFile(join(folder, "system", "applications", "nanami.desktop"), "");
    expect(canAssociate("linux", environment())).toBe(false);
  });

  test("writes into the user's own folders, and takes all of it back", async () => {
    const plan = associationPlan(start, "<svg/>", environment());
    const places = ["applications/nanami.desktop", "mime/packages/nanami.xml"];
    expect(plan.files.map(({ path }) => path)).toEqual([
      ...places.map((place) => join(folder, place)),
      join(folder, "icons/hicolor/scalable/apps/nanami.svg"),
    ]);
    await associate(true, plan, environment());
    expect(await readFile(join(folder, "applications/nanami.desktop"), "utf8")).toContain(
      "/opt/an app/electron",
    );
    await associate(false, plan, environment());
    for (const { path } of plan.files) expect(existsSync(path), path).toBe(false);
  });

  test("teaches the desktop a type that it tells by what is in a file", async ({ skip }) => {
    skip(!existsSync(UPDATE_MIME), `${UPDATE_MIME} (package shared-mime-info) is not here`);
    await associate(true, associationPlan(start, "<svg/>", environment()), environment());
    expect(await readFile(join(folder, "mime", "types"), "utf8")).toContain(CONFIG_TYPE);
    expect(await readFile(join(folder, "mime", "magic"), "latin1")).toContain("[Interface]");
    // By its name alone every program's settings would be one.
    expect(await readFile(join(folder, "mime", "globs"), "utf8")).not.toContain(".conf");
    expect(await readFile(join(folder, "mime", "subclasses"), "utf8")).toContain(`${CONFIG_TYPE} text/plain`);
  });
});

describe("the packages' plans", () => {
  test("register the scheme and both kinds of files on each system", async () => {
    const builder = await json("electron-builder.json");
    expect(builder["protocols"]).toEqual([expect.objectContaining({ schemes: [SCHEME] })]);
    expect(builder["linux"]).toMatchObject({ mimeTypes: [...OPENS] });
    const extensions = (platform: unknown) =>
      (platform as { fileAssociations: { ext: string }[] }).fileAssociations.map(({ ext }) => ext);
    expect(extensions(builder["mac"])).toEqual(["conf", "zip"]);
    expect(extensions(builder["win"])).toEqual(["conf"]);
    expect(await packaged("nsis/open-with.nsh")).toContain(String.raw`.zip\OpenWithProgids`);
    // NSIS registers file types for a whole machine alone (electron-builder, FileAssociation).
    expect(builder["nsis"]).toMatchObject({ perMachine: true });
    expect(await json("debian/electron-installer.json")).toMatchObject({ mimeType: [...OPENS] });
  });

  test("name no file that is not there", async () => {
    const builder = await json("electron-builder.json");
    const { desktopTemplate, icon, scripts } = (await json("debian/electron-installer.json")) as {
      desktopTemplate: string;
      icon: { scalable: string };
      scripts: Record<string, string>;
    };
    const { include } = builder["nsis"] as { include: string };
    for (const path of [desktopTemplate, icon.scalable, include, ...Object.values(scripts)])
      expect(existsSync(new URL(`../../../${path}`, import.meta.url)), path).toBe(true);
  });

  test("burn the fuses that the app asks for", async () => {
    const { electronFuses } = await json("electron-builder.json");
    const named = Object.entries(electronFuses as Record<string, boolean>);
    expect(named.length).toBeGreaterThan(5);
    for (const [name, value] of named) {
      const fuse =
        FuseV1Options[(name.charAt(0).toUpperCase() + name.slice(1)) as keyof typeof FuseV1Options];
      expect(FUSES[fuse], name).toBe(value);
    }
  });
});
