/** Links and files that are opened with the app: what the desktop is told, by a package or by the app itself. */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FuseV1Options } from "@electron/fuses";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CONFIG_TYPE, desktopEntry, MIME_TYPES, OPENS, SCHEME } from "../../../electron/association/entry.ts";
import { Association } from "../../../electron/association/association.ts";
import {
  canAssociate,
  plannedFiles,
  undo,
  writeFiles,
  type PlannedFile,
} from "../../../electron/association/install.ts";
import { withoutEntry } from "../../../electron/association/mimeapps.ts";
import { execValue } from "../../../electron/desktop-command.ts";
import { FUSES } from "../../../electron/fuses.ts";
import { serviceSocket } from "../../../src/rpc/service-socket.ts";

const VALIDATE = "/usr/bin/desktop-file-validate";
const XDG_MIME = "/usr/bin/xdg-mime";
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
  });

  test.each(["\n", "\r", "\t"])("stays one line a key, whatever the program's name holds: %j", (control) => {
    const program = `/opt/a${control}Exec=/bin/other`;
    const keys = keysOf(desktopEntry(execValue({ program, words: [] }, "%U")));
    const escape = JSON.stringify(control).slice(1, -1);
    expect(keys.get("Exec")).toBe(`"/opt/a${escape}Exec=/bin/other" %U`);
  });

  test.each(["\0", "\u001b", "\u007f", "\u0085"])("refuses what it could not say: %j", (control) => {
    expect(() => execValue({ program: `/opt/a${control}`, words: [] })).toThrow(/Move it/);
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
  const environment = () => ({
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_DATA_DIRS: `${folder}/:${join(folder, "system")}`,
    HOME: folder,
  });
  const planned = (program = start.program) => plannedFiles({ ...start, program }, "<svg/>", environment());
  const entry = () => join(folder, "applications", "nanami.desktop");
  const list = () => join(folder, "config", "mimeapps.list");
  const held = (path: string) => readFile(path, "utf8").catch(() => null);
  const associationOf = (files: () => Promise<readonly PlannedFile[]> = () => Promise.resolve(planned())) =>
    new Association({ platform: "linux", env: environment(), files });

  async function installPackage(): Promise<void> {
    await mkdir(join(folder, "system", "applications"), { recursive: true });
    await writeFile(join(folder, "system", "applications", "nanami.desktop"), desktopEntry("nanami-app %U"));
  }

  test("does it on Linux alone, for this machine's service, and not where a package did", async () => {
    expect(canAssociate("linux", environment())).toBe(true);
    expect(canAssociate("darwin", environment())).toBe(false);
    expect(canAssociate("win32", environment())).toBe(false);
    // The entry could not name it, and the app that it starts would speak with another agent.
    expect(canAssociate("linux", { ...environment(), NANAMI_SOCKET: "/elsewhere" })).toBe(false);
    expect(canAssociate("linux", { ...environment(), NANAMI_SOCKET: serviceSocket("linux") })).toBe(true);
    await installPackage();
    expect(canAssociate("linux", environment())).toBe(false);
  });

  test("writes into the user's own folders, and takes all of it back", async () => {
    const places = ["applications/nanami.desktop", "mime/packages/nanami.xml"];
    expect(planned().map(({ path }) => path)).toEqual([
      ...places.map((place) => join(folder, place)),
      join(folder, "icons/hicolor/scalable/apps/nanami.svg"),
    ]);
    await associationOf().turn(true);
    expect(await held(entry())).toContain("/opt/an app/electron");
    // The system's list of folders may name the user's own: what lies there is no package's.
    expect(canAssociate("linux", environment())).toBe(true);
    await associationOf().turn(false);
    for (const { path } of planned()) expect(existsSync(path), path).toBe(false);
  });

  test("takes its lines out of the desktop's list, and leaves every other byte", async () => {
    const before = [
      "# mine: caf\u00e9\r\n\n[Default Applications]\n",
      "x-scheme-handler/nanami=nanami.desktop\n",
      `${CONFIG_TYPE} = nanami.desktop;editor.desktop;\r\n`,
      "application/zip=nanami.desktop;\ntext/plain=editor.desktop\n\n[Added Associations]\n",
      `${CONFIG_TYPE}=nanami.desktop;\n\n[Removed Associations]\n${CONFIG_TYPE}=nanami.desktop;\n`,
      "[Other]\nx-scheme-handler/nanami=nanami.desktop",
    ];
    const kept = join(folder, "kept.list");
    await mkdir(join(folder, "config"));
    await writeFile(kept, before.join(""), "latin1");
    await chmod(kept, 0o640);
    await symlink(kept, list());
    await writeFiles(planned(), environment(), () => true);
    await undo(environment());
    expect(await readFile(list(), "latin1")).toBe(
      [
        before[0],
        `${CONFIG_TYPE} = editor.desktop;\r\n`,
        before[3],
        `\n[Removed Associations]\n${CONFIG_TYPE}=nanami.desktop;\n`,
        before[5],
      ].join(""),
    );
    expect((await stat(kept)).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).filter((name) => name.startsWith("kept"))).toEqual(["kept.list"]);
    expect(withoutEntry(before.join(""), "other.desktop", [CONFIG_TYPE])).toBe(before.join(""));
  });

  test("leaves what the desktop's own program wrote as it was before", async ({ skip }) => {
    skip(!existsSync(XDG_MIME), `${XDG_MIME} (package xdg-utils) is not here`);
    await mkdir(join(folder, "config"));
    const before = "[Default Applications]\ntext/plain=editor.desktop\n";
    await writeFile(list(), before);
    await associationOf().turn(true);
    expect(await held(list())).toContain("x-scheme-handler/nanami=nanami.desktop");
    await associationOf().turn(false);
    expect(await held(list())).not.toContain("nanami");
    expect(await held(list())).toContain("text/plain=editor.desktop\n");
  });

  test("gives way to a package that came later, and leaves an entry that is somebody's own", async () => {
    await associationOf().turn(true);
    await mkdir(join(folder, "config"), { recursive: true });
    await writeFile(list(), "[Default Applications]\nx-scheme-handler/nanami=nanami.desktop\n");
    await installPackage();
    // The app of the package has a memory of its own, and need not know what was wanted.
    await associationOf().begin(false);
    expect(await held(entry())).toBeNull();
    expect(await held(list())).toContain("nanami.desktop");
    await writeFile(entry(), desktopEntry("/home/ren/bin/nanami %U"));
    await associationOf().begin(true);
    expect(await held(entry())).toContain("/home/ren/bin/nanami");
    expect(associationOf().isOffered(true)).toBe(false);
  });

  test("is undone where it could not be done any more", async () => {
    const elsewhere = { ...environment(), NANAMI_SOCKET: "/elsewhere" };
    const files = () => Promise.resolve(planned());
    const association = new Association({ platform: "linux", env: elsewhere, files });
    expect(association.isOffered(true)).toBe(false);
    await association.turn(true);
    expect(await held(entry())).toBeNull();
    await associationOf().turn(true);
    expect([association.isOffered(true), association.isOffered(false)]).toEqual([true, false]);
    await association.turn(false);
    expect(await held(entry())).toBeNull();
  });

  test("writes at a start what moved and nothing else, and never takes the default again", async () => {
    await associationOf().turn(true);
    await mkdir(join(folder, "config"), { recursive: true });
    await writeFile(list(), "[Default Applications]\nx-scheme-handler/nanami=other.desktop\n");
    const { mtimeMs } = await stat(entry());
    await associationOf().begin(true);
    expect((await stat(entry())).mtimeMs).toBe(mtimeMs);
    await associationOf(() => Promise.resolve(planned("/opt/moved/electron"))).begin(true);
    expect(await held(entry())).toContain("/opt/moved/electron");
    expect(await held(list())).toBe("[Default Applications]\nx-scheme-handler/nanami=other.desktop\n");
  });

  test("does what was wanted last, however quickly it is wanted", async () => {
    let give: (files: readonly PlannedFile[]) => void = () => undefined;
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const association = associationOf(() => {
      asked();
      return new Promise((resolve) => (give = resolve));
    });
    const on = association.turn(true);
    await isAsked;
    const off = association.turn(false);
    give(planned());
    await Promise.all([on, off]);
    expect(await held(entry())).toBeNull();
    expect((await held(list())) ?? "").not.toContain("nanami");
    const turns = [false, true, false, true].map((wanted) => association.turn(wanted));
    await expect.poll(() => (give(planned()), held(entry()))).not.toBeNull();
    await Promise.all(turns);
    expect(await held(entry())).toContain("/opt/an app/electron");
  });

  test("goes on after a failure, which is told", async () => {
    const association = associationOf(() => Promise.reject(new Error("no icon")));
    await expect(association.turn(true)).rejects.toThrow("no icon");
    await association.turn(false);
  });

  test("teaches the desktop a type that it tells by what is in a file", async ({ skip }) => {
    skip(!existsSync(UPDATE_MIME), `${UPDATE_MIME} (package shared-mime-info) is not here`);
    await associationOf().turn(true);
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
    const { buildResources } = builder["directories"] as { buildResources: string };
    const extra = (builder["extraResources"] ?? []) as { from: string }[];
    const named = [desktopTemplate, icon.scalable, include, buildResources, ...Object.values(scripts)];
    for (const path of [...named, ...extra.map(({ from }) => from)])
      expect(existsSync(new URL(`../../../${path}`, import.meta.url)), path).toBe(true);
    // What a package's script names in the package itself, its plan has to bring; it can bring none.
    for (const path of Object.values(scripts))
      expect(await packaged(path.replace(/^packaging\//, "")), path).not.toContain("/usr/lib/nanami");
  });

  test("configure and remove the Debian package with nothing but what is in it", async () => {
    const programs = join(folder, "programs");
    await mkdir(programs);
    for (const name of ["update-mime-database", "update-desktop-database"])
      await writeFile(join(programs, name), "#!/bin/sh\n", { mode: 0o755 });
    const written = join(folder, "share", "mime", "packages", "nanami.xml");
    const run = async (script: string, word: string): Promise<void> => {
      const text = (await packaged(`debian/${script}`)).replaceAll("/usr/share", join(folder, "share"));
      await execa("/bin/sh", ["-s", word], { input: text, env: { PATH: `${programs}:/usr/bin:/bin` } });
    };
    await run("postinst", "configure");
    expect(await readFile(written, "utf8")).toBe(MIME_TYPES);
    await run("prerm", "remove");
    expect(existsSync(written)).toBe(false);
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
