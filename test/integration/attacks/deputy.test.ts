/** A local user tries to make a program that runs as root do or read for them what only root may. */
import { chmodSync, mkdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import { expect } from "vitest";
import { Host, scratch } from "../../../src/lab/host.ts";
import { untilLine } from "../../../src/lab/world.ts";
import { connectAgent, type AgentClient } from "../../../src/rpc/client.ts";
import { methods } from "../../../src/rpc/contract.ts";
import { generatePrivateKey, derivePublicKey } from "../../../src/wireguard/keys.ts";
import { as, severalUsers, type User } from "../another-user.ts";
import { shown, type Loot } from "./table.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const GROUP = 900;
const STRANGER: User = { uid: 1002, groups: [] };
/** May steer all traffic of the machine, and no more. */
const MEMBER: User = { uid: 1001, groups: [GROUP] };
if (!severalUsers)
  process.stderr.write(
    "There is one user here: who attacks is root too, and is judged by what is run or read.\n",
  );

/** Where a command of the attacker's leaves its trace. */
const OWNED = "/run/owned";
const SECRET_FILE = "/run/secret";
const SECRET = "the-word-that-only-root-may-read";

/** A device with a secret on it, for as long as `attack` takes, and a folder that everybody may enter. */
async function onDevice(attack: (device: Host, folder: string) => Promise<Loot>): Promise<Loot> {
  await using folder = await scratch();
  chmodSync(folder.path, 0o755);
  const device = await Host.create("device");
  try {
    await device.run("sh", ["-c", `echo nanami:x:${GROUP}: >> /etc/group`]);
    await device.run("sh", ["-c", `umask 077; echo ${SECRET} > ${SECRET_FILE}`]);
    return await attack(device, folder.path);
  } finally {
    await device.close();
  }
}

/** What the attacker's commands left, and removes it. */
async function owned(device: Host): Promise<Loot> {
  const { stdout } = await device.exec("sh", ["-c", `cat ${OWNED}; rm -f ${OWNED}`]);
  return stdout.split("\n").filter((line) => line !== "");
}

const HOOK = `echo "a command ran as uid $(id -u)" >> ${OWNED}`;

/** A file as a provider would hand it out, and what the attacker adds to it. Nobody answers at its endpoint. */
function conf(lines: readonly string[]): string {
  return [
    "[Interface]",
    `PrivateKey = ${generatePrivateKey().reveal()}`,
    "Address = 10.90.0.2/32",
    ...lines,
    "[Peer]",
    `PublicKey = ${derivePublicKey(generatePrivateKey())}`,
    "Endpoint = 192.0.2.1:51820",
    "AllowedIPs = 10.20.0.0/16",
    "",
  ].join("\n");
}

async function put(device: Host, path: string, text: string): Promise<void> {
  await device.run("sh", ["-c", 'cat > "$0"', path], { input: text });
}

/** Starts the naive helper and answers how somebody asks it for something. */
async function startHelper(device: Host, folder: string): Promise<(line: string) => Promise<string>> {
  const path = join(folder, "helper.sock");
  const helper = device.spawn(process.execPath, [source("naive-helper-program.ts"), path], { buffer: false });
  await untilLine("device", "helper", helper, /^ready$/);
  return (line) =>
    new Promise((resolve, reject) => {
      const socket = as(STRANGER, () => connect(path));
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
      socket.once("error", reject).once("end", () => resolve(answer));
      socket.write(`${line}\n`);
    });
}

/** An agent whose socket everybody may reach, which is more than it allows by itself. `standing`: where it is started. */
async function startAgent(
  device: Host,
  folder: string,
  standing = folder,
): Promise<{ readonly path: string; readonly agent: ResultPromise; readonly root: AgentClient }> {
  const path = join(folder, "run", "agent.sock");
  mkdirSync(join(folder, "run"), { mode: 0o755 });
  const program = [process.execPath, source("../../../src/agent/main.ts")];
  const words = [...program, "--state", join(folder, "state"), "--socket", path];
  const agent = device.spawn("sh", ["-c", 'cd "$0" && exec "$@"', standing, ...words], {
    ...{ stdin: "ignore", stdout: "ignore", stderr: "pipe", buffer: false },
    env: { HOME: standing },
  });
  let log = "";
  agent.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  for (const end = Date.now() + 20_000; ;) {
    try {
      return { path, agent, root: await connectAgent(path) };
    } catch (error) {
      if (Date.now() > end) throw new Error(`the agent did not come up: ${log}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What the agent says to one request on a connection of its own, as it stands on the wire. */
function ask(path: string, user: User, method: string, params: unknown): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = as(user, () => connect(path));
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    let answer = "";
    const done = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
      if (/"id":1\b/.test(answer) && answer.endsWith("}")) done();
    });
    socket.once("error", done).once("close", done);
    socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Requests with what no request carries: paths, words of a command, an environment, a name of an interface. */
function hostileRequests(rootsProfile: string): readonly (readonly [string, unknown])[] {
  const smuggled = { path: SECRET_FILE, file: SECRET_FILE, argv: ["sh", "-c", HOOK], env: { PATH: "/run" } };
  const places = [
    SECRET_FILE,
    "../../../../../../run/secret",
    `file://${SECRET_FILE}`,
    `$(${HOOK})`,
    `;${HOOK};`,
  ];
  return [
    ...Object.keys(methods).flatMap((method) => [
      [method, smuggled] as const,
      ...places.map((place) => [method, { id: place, ids: [place], link: place, profile: place }] as const),
    ]),
    ...["exec", "up", "run", "load"].map((method) => [method, smuggled] as const),
    ...places.flatMap((place) => [
      ["connect", { profile: place }] as const,
      ["showProfile", { id: place }] as const,
      ["exportProfiles", { ids: [place], format: "conf" }] as const,
      ["enroll", { link: place }] as const,
      ["enroll", { link: `nanami://enroll/${place}#0123456789abcdef0123456789abcdef` }] as const,
      ["importBytes", { bytes: base64(place) }] as const,
      ["explainRoute", { target: place }] as const,
    ]),
    // What somebody else keeps there.
    ...(severalUsers
      ? ([
          ["showProfile", { id: rootsProfile }],
          ["exportProfiles", { ids: [rootsProfile], format: "conf" }],
          ["duplicateProfile", { id: rootsProfile }],
          ["shareProfile", { id: rootsProfile, shared: true }],
          ["checkEdit", { id: rootsProfile, text: conf([]) }],
          ["narrowProfile", { id: rootsProfile, prefixes: ["10.20.0.0/24"] }],
          ["connect", { profile: rootsProfile }],
          ["removeProfile", { id: rootsProfile }],
        ] as const)
      : []),
  ];
}

/** Keeps a file as a profile of whoever asks. */
async function keep(client: AgentClient, text: string, name: string): Promise<string> {
  const { digest } = await client.call("importBytes", { bytes: base64(text) });
  const [profile] = await client.call("confirmImport", { digest, choices: [{ index: 0, name }] });
  if (profile === undefined) throw new Error("one profile is kept");
  return profile.id;
}

shown("confused deputy", {
  naive: () =>
    onDevice(async (device, folder) => {
      const helper = await startHelper(device, folder);
      const words = await helper(`up ${SECRET_FILE}`);
      const read = words.includes(SECRET) ? [`it says what is in a file of root's: ${SECRET}`] : [];
      await put(device, "/run/attacker.conf", conf([`PostUp = ${HOOK}`]));
      await helper("up /run/attacker.conf");
      const ran = await owned(device);
      // Each of the two by itself is the attack.
      expect([read.length, ran.length]).toEqual([1, 1]);
      return [...read, ...ran];
    }),
  ours: () =>
    onDevice(async (device, folder) => {
      const { path, root } = await startAgent(device, folder);
      const rootsText = conf([]);
      const rootsKey = /PrivateKey = (.+)/.exec(rootsText)?.[1] ?? "";
      const rootsProfile = await keep(root, rootsText, "root's own");
      const loot: string[] = [];
      for (const user of severalUsers ? [STRANGER, MEMBER] : [MEMBER])
        for (const [method, params] of hostileRequests(rootsProfile)) {
          const answer = await ask(path, user, method, params);
          expect(answer).toContain('"id":1');
          const got = [SECRET, rootsKey].some((secret) => answer.includes(secret));
          const acted = JSON.stringify(params).includes(rootsProfile) && !answer.includes('"error"');
          if (got || acted) loot.push(`uid ${user.uid}: ${method} ${JSON.stringify(params)}: ${answer}`);
        }
      // A file with a command in it, by whoever may bring one.
      const member = await as(MEMBER, () => connectAgent(path));
      const profile = await keep(member, conf([`PostUp = ${HOOK}`, `PreUp = ${HOOK}`]), "hooks");
      await member.call("connect", { profile });
      await expect
        .poll(async () => (await device.exec("wg", ["show", "nanami0"])).exitCode, { timeout: 20_000 })
        .toBe(0);
      await member.call("disconnect", {});
      expect((await member.call("status", {})).tunnel.state).toBe("disconnected");
      const kept = await root.call("listProfiles", {});
      expect(kept.find(({ id }) => id === rootsProfile)).toMatchObject({ name: "root's own", shared: false });
      member.close();
      root.close();
      return [...loot, ...(await owned(device))];
    }),
});

/** Code of the attacker's, as a module. */
const MODULE = `require("node:fs").appendFileSync("${OWNED}", "a plug-in ran as uid " + process.getuid() + "\\n");\n`;

/** Fills a folder of the attacker's with what programs load from where they stand, and a library that works. */
async function plant(device: Host): Promise<string> {
  const planted = "/run/planted";
  const packages = ["koffi", "zod", "ws", "pino", "vscode-jsonrpc", "execa"];
  await device.run(
    "sh",
    [
      "-ec",
      `mkdir -p ${planted} && cd ${planted}
       cat > plugin.cjs
       for name in ${packages.join(" ")}; do
         for place in node_modules .node_modules .node_libraries; do
           mkdir -p $place/$name && cp plugin.cjs $place/$name/index.js
         done
       done
       for name in index.js agent.js nanami.js config.js; do cp plugin.cjs $name; done
       echo 'NODE_OPTIONS=--require=${planted}/plugin.cjs' > .env
       echo '{"nodeOptions":{"require":["${planted}/plugin.cjs"]}}' > node.config.json
       echo '{"main":"plugin.cjs"}' > package.json
       for library in libnftables.so.1 libc.so.6; do
         for folder in /lib/*-linux-gnu /usr/lib/*-linux-gnu /lib64 /usr/lib64 /usr/lib; do
           [ -e "$folder/$library" ] && cp "$folder/$library" . && break
         done
       done
       true`,
    ],
    { input: MODULE },
  );
  return planted;
}

shown("planted plug-ins", {
  naive: () =>
    onDevice(async (device, folder) => {
      const planted = await plant(device);
      const helper = await startHelper(device, folder);
      await put(device, "/run/attacker.conf", conf([`Plugin = ${planted}/plugin.cjs`]));
      await helper("up /run/attacker.conf");
      return await owned(device);
    }),
  ours: () =>
    onDevice(async (device, folder) => {
      const planted = await plant(device);
      // Whoever has a service started may choose where it stands, at the most.
      const { root, agent } = await startAgent(device, folder, planted);
      const loot: string[] = [];
      const text = conf([`Plugin = ${planted}/plugin.cjs`]);
      const report = await root.call("importBytes", { bytes: base64(text) });
      if (report.verdict !== "refused") loot.push("a file that names a plug-in is taken");
      const profile = await keep(root, conf([]), "ordinary");
      await root.call("connect", { profile });
      await expect
        .poll(async () => (await device.exec("wg", ["show", "nanami0"])).exitCode, { timeout: 20_000 })
        .toBe(0);
      const maps = await device.run("cat", [`/proc/${agent.pid ?? 0}/maps`]);
      expect(maps).toContain("node");
      loot.push(...maps.split("\n").filter((line) => line.includes(planted)));
      await root.call("disconnect", {});
      root.close();
      return [...loot, ...(await owned(device))];
    }),
});
