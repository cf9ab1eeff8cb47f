/** `nanami config …` against the real service of profiles. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Environment } from "../../../src/cli/environment.ts";
import { realFiles } from "../../../src/cli/files.ts";
import { nameFromFile } from "../../../src/cli/profile-named.ts";
import { widthOf } from "../../../src/cli/view/width.ts";
import { Name } from "../../../src/routing/schema.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import type { Handlers } from "../../../src/rpc/server.ts";
import { writeZip } from "../../../src/wireguard/container/write.ts";
import { ALICE, conf, openProfiles, PRIVATE_KEY } from "../agent/profiles/given.ts";
import { fakeAgent, nanami, type Run } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "nanami-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const OFFICE = file("office.conf", conf());

/** An agent with profiles; all who ask are Alice. */
async function agentWithProfiles() {
  const world = await openProfiles();
  const handlers = Object.fromEntries(
    Object.entries(world.handlers).map(([name, handler]) => [
      name,
      (params: never) => (handler as (params: never, peer: typeof ALICE) => Promise<unknown>)(params, ALICE),
    ]),
    // The same requests, answered for Alice.
  ) as unknown as Partial<Handlers<{ uid: number }>>;
  const agent = await fakeAgent(handlers);
  return {
    agent,
    world,
    run: (args: readonly string[], options: Partial<Environment> = {}): Promise<Run> =>
      nanami(agent.path, args, options),
    names: async () => (await world.handlers.listProfiles({}, ALICE)).map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      world[Symbol.dispose]();
    },
  };
}

const yes = { ask: () => Promise.resolve(true) };
const no = { ask: () => Promise.resolve(false) };

describe("nanami config import", () => {
  it("shows the report, asks, and saves under the file's name", async () => {
    await using it = await agentWithProfiles();
    const declined = await it.run(["config", "import", OFFICE], no);
    expect(declined.status).toBe(1);
    expect(declined.out).toMatch(/allowed IPs +10\.7\.0\.0\/24/);
    expect(await it.names()).toEqual([]);
    const run = await it.run(["config", "import", OFFICE], yes);
    expect(run.status).toBe(0);
    expect(run.err).toContain("nanami up --profile office");
    expect(await it.names()).toEqual(["office"]);
    for (const line of run.out.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect(run.out + run.err).not.toContain(PRIVATE_KEY.slice(0, 20));
  });

  it("saves nothing of a file that is refused, and says why", async () => {
    await using it = await agentWithProfiles();
    const run = await it.run(["--json", "config", "import", file("bad.conf", "nonsense")]);
    expect(run.status).toBe(1);
    expect(JSON.parse(run.out)).toMatchObject({ report: { verdict: "refused" }, profiles: [] });
  });

  it("saves what is acceptable of an archive; what was refused shows in the status", async () => {
    await using it = await agentWithProfiles();
    const zip = writeZip([
      { name: "home", text: conf() },
      { name: "bad", text: "nonsense" },
      { name: "work", text: conf() },
    ]);
    const path = file("all.zip", zip);
    expect((await it.run(["config", "import", path, "--name", "one"])).status).toBe(2);
    expect((await it.run(["config", "import", path, "--yes"])).status).toBe(1);
    expect(await it.names()).toEqual(["home", "work"]);
  });

  it.each([
    ["/some/where/office.conf", "office"],
    ["C:\\some\\Büro.CONF", "Büro"],
    ["-", "imported"],
    [".conf", "imported"],
    ["a\u001b[2Jb.conf", "a[2Jb"],
    [`${"x".repeat(300)}.conf`, "x".repeat(64)],
    [`${"😀".repeat(60)}.conf`, "😀".repeat(32)],
    [`a${"😀".repeat(60)}.conf`, `a${"😀".repeat(31)}`],
    [`${"x".repeat(63)} y.conf`, "x".repeat(63)],
  ])("calls %j %j", (path, name) => {
    expect(nameFromFile(path)).toBe(name);
    expect(Name.safeParse(nameFromFile(path)).success).toBe(true);
  });
});

describe("the profiles", () => {
  it("are listed, shown, renamed, copied, narrowed, removed and restored by name", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    expect((await it.run(["config", "list"])).out).toContain("office  10.7.0.0/24, 10.8.0.0/24");
    const text = (await it.run(["config", "show", "office", "--text"])).out;
    expect(text).toContain("PrivateKey = (kept)\n");
    expect((await it.run(["config", "show", "OFFICE"])).out).toContain("owner    you");
    expect((await it.run(["config", "rename", "office", "work"])).out).toBe("office is called work now.\n");
    await it.run(["config", "duplicate", "work"]);
    expect(await it.names()).toEqual(["work", "work (copy)"]);
    const narrowed = await it.run(["--json", "config", "narrow", "work", "10.7.0.0/28"]);
    expect((JSON.parse(narrowed.out) as Profile).steers).toEqual({
      mode: "vpn_only",
      prefixes: ["10.7.0.0/28"],
      narrowed: true,
    });
    expect((await it.run(["config", "narrow", "work", "10.0.0.0/8"])).status).toBe(1);
    expect((await it.run(["config", "narrow", "work"])).status).toBe(2);
    const removed = await it.run(["config", "remove", "work"]);
    expect(removed.err).toContain("nanami config restore prf_");
    expect(await it.names()).toEqual(["work (copy)"]);
    expect((await it.run(["config", "list", "--removed"])).out).toContain("work");
    expect((await it.run(["config", "restore"])).out).toBe("work is back.\n");
    expect((await it.run(["config", "restore"])).status).toBe(1);
  });

  it("of one name are told apart by their ids", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    await it.run(["config", "import", OFFICE, "--yes"]);
    const run = await it.run(["config", "show", "office"]);
    expect(run.status).toBe(1);
    expect(run.err).toContain("several profiles are called");
    const [one] = await it.world.handlers.listProfiles({}, ALICE);
    expect((await it.run(["config", "show", one?.id ?? ""])).status).toBe(0);
  });

  it("that are not there are said so, with what is", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    const run = await it.run(["up", "--profile", "home"]);
    expect(run.status).toBe(1);
    expect(run.err).toContain('there is no profile "home" that you can see; there are office');
  });
});

describe("where nobody can be asked", () => {
  it("nothing is imported or written without --yes, and that is said", async () => {
    await using it = await agentWithProfiles();
    for (const args of [[], ["--json"]]) {
      const imported = await it.run([...args, "config", "import", OFFICE]);
      expect(imported.status).toBe(2);
      expect(imported.out + imported.err).toContain("--yes");
    }
    expect(await it.names()).toEqual([]);
    await it.run(["config", "import", OFFICE, "--yes"]);
    const out = join(folder, "unasked.conf");
    expect((await it.run(["config", "export", "office", "--out", out])).status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
});

describe("nanami config edit", () => {
  const editing = (...texts: string[]): Partial<Environment> => ({
    ...yes,
    files: { ...realFiles, edit: (text) => Promise.resolve((texts.shift() ?? "").replace("TEXT", text)) },
  });

  it("reports on the new text before it is saved, and lets it be corrected", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    const right = conf({ allowedIps: "10.9.0.0/24" }).replaceAll(/(Pre|Pri)(.*Key =) .*/g, "$1$2 (kept)");
    const run = await it.run(["config", "edit", "office", "--yes"], editing("nonsense", right));
    expect(run.status).toBe(0);
    expect(run.out).toContain("line_syntax");
    const [profile] = await it.world.handlers.listProfiles({}, ALICE);
    expect(profile?.config.peers[0]?.allowedIps).toEqual(["10.9.0.0/24"]);
    expect(profile?.config.peers[0]?.hasPresharedKey).toBe(true);
  });

  it("changes nothing when nothing was changed, or the person says no", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    expect((await it.run(["config", "edit", "office"], editing("TEXT"))).out).toBe("Nothing was changed.\n");
    const declined = { ...editing(conf({ allowedIps: "10.9.0.0/24" })), ...no };
    expect((await it.run(["config", "edit", "office"], declined)).status).toBe(1);
    const [profile] = await it.world.handlers.listProfiles({}, ALICE);
    expect(profile?.config.peers[0]?.allowedIps).toEqual(["10.7.0.0/24"]);
  });

  it("hands the editor a private file and removes it, whatever the editor does", async () => {
    const editor = file(
      "editor",
      '#!/bin/sh\nstat -c %a "$1" "$(dirname "$1")" >> "$0.log"; echo "# $1" >> "$1"\n',
    );
    chmodSync(editor, 0o755);
    try {
      vi.stubEnv("VISUAL", editor);
      const edited = await realFiles.edit("text\n");
      expect(edited).toMatch(/^text\n# /);
      expect(readFileSync(`${editor}.log`, "utf8")).toBe("600\n700\n");
      expect(() => statSync(edited.split("# ")[1]?.trim() ?? "")).toThrow("ENOENT");
      vi.stubEnv("EDITOR", editor);
      vi.stubEnv("VISUAL", "");
      expect(await realFiles.edit("text\n")).toMatch(/^text\n# /);
      vi.stubEnv("VISUAL", "false");
      await expect(realFiles.edit("text\n")).rejects.toThrow("nothing was changed");
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("nanami config export", () => {
  it("warns, then writes a new file that only its user may read", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    const out = join(folder, "out.conf");
    const declined = await it.run(["config", "export", "office", "--out", out], no);
    expect(declined.status).toBe(1);
    const run = await it.run(["config", "export", "office", "--out", out], yes);
    expect(run.status).toBe(0);
    expect(run.out + run.err).not.toContain(PRIVATE_KEY.slice(0, 20));
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out, "utf8")).toContain(PRIVATE_KEY);
  });

  it("overwrites nothing and follows no link", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    const there = file("there.conf", "mine");
    const link = join(folder, "link.conf");
    symlinkSync(join(folder, "elsewhere.conf"), link);
    for (const out of [there, link]) {
      const run = await it.run(["config", "export", "office", "--out", out, "--yes"]);
      expect(run.status).toBe(2);
      expect(run.err).toContain("there is such a file already");
    }
    expect(readFileSync(there, "utf8")).toBe("mine");
  });

  it("takes the format from the ending, and several into an archive alone", async () => {
    await using it = await agentWithProfiles();
    await it.run(["config", "import", OFFICE, "--yes"]);
    await it.run(["config", "duplicate", "office", "--name", "home"]);
    const beginning = async (...args: string[]) => {
      const out = args.at(-1) ?? "";
      expect((await it.run(["config", "export", ...args, "--yes"])).status).toBe(0);
      return readFileSync(out).subarray(0, 4).toString("latin1");
    };
    expect(await beginning("office", "--out", join(folder, "q.png"))).toBe("\u0089PNG");
    expect(await beginning("office", "home", "--out", join(folder, "both"))).toBe("PK\u0003\u0004");
    const run = await it.run(["config", "export", "office", "home", "--format", "qr", "--out", "x"]);
    expect(run.status).toBe(2);
  });
});

describe("completion", () => {
  it("offers profiles where one is expected, by id where a name would need quotes", async () => {
    await using it = await agentWithProfiles();
    await it.world.add(ALICE, "office");
    const { id } = await it.world.add(ALICE, "a b; $(id)");
    const gone = await it.world.add(ALICE, "gone");
    await it.world.handlers.removeProfile({ id: gone.id }, ALICE);
    const after = async (...words: string[]) =>
      (await it.run(["__complete", "--", ...words])).out.split("\n").slice(0, -1);
    expect(await after("up", "--profile", "")).toEqual(["office", id]);
    expect(await after("up", "--profile", "of")).toEqual(["office"]);
    expect(await after("config", "show", "")).toEqual(["office", id]);
    expect(await after("config", "rename", "office", "")).toEqual([]);
    expect(await after("config", "export", "office", "--out", "x.zip", "")).toEqual([id]);
    expect(await after("config", "restore", "")).toEqual(["gone"]);
  });

  it("offers no profile without an agent, silently", async () => {
    const run = await nanami(join(folder, "no-agent.sock"), ["__complete", "--", "config", "show", ""]);
    expect(run).toEqual({ status: 0, out: "", err: "" });
  });
});

describe("a file that cannot be written whole", () => {
  it("is not left behind with a part of a key", () => {
    const path = join(folder, "part.conf");
    const files = new URL("../../../src/cli/files.ts", import.meta.url).href;
    const program = `(await import("${files}")).realFiles.create("${path}", Buffer.alloc(100_000, 65)).then(() => 0, ({ message }) => console.log(message))`;
    // The system lets this process write two thousand bytes and no more.
    const script = `trap '' XFSZ; ulimit -f 2; exec "$0" --input-type=module -e "$1"`;
    const run = spawnSync("bash", ["-c", script, process.execPath, program], { encoding: "utf8" });
    expect(run.stdout).toContain(`${path}: it cannot be written (EFBIG)`);
    expect(existsSync(path)).toBe(false);
  });
});
