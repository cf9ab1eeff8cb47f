/**
 * Speaks with `wireguard-go` as `wg` does, by the text protocol of its control socket
 * (https://www.wireguard.com/xplatform/#configuration-protocol), without starting `wg`. Kernel WireGuard has no such
 * socket; there the program is asked.
 */
import { connect } from "node:net";
import { parseDump, type Dump } from "../../wireguard/dump.ts";
import { derivePublicKey, parsePrivateKey } from "../../wireguard/keys.ts";
import { OperationError } from "../operation-error.ts";
import { carriedIn, NO_KEY, setLines } from "./uapi-set.ts";

/** For a whole question: it answers from memory, and whoever waits longer waits for one that hangs. */
const TIME_LIMIT_MS = 3000;
const OUTPUT_LIMIT = 8 * 1024 * 1024;

/** Where the control socket of an interface is. */
export function controlSocket(interfaceName: string): string {
  return `/var/run/wireguard/${interfaceName}.sock`;
}

/**
 * Does what `wg set <interface> <words>` does; `secrets` are what the words mean by `secretPath`. False = nobody
 * listens there. Throws an `OperationError` when it is refused.
 */
export async function setByUapi(
  interfaceName: string,
  words: readonly string[],
  secrets: ReadonlyMap<string, string>,
): Promise<boolean> {
  const before = words.includes("allowed-ips") ? await ask(interfaceName, "get=1\n\n") : "";
  if (before === null) return false;
  const lines = setLines(words, secrets, carriedIn(before));
  const answer = await ask(interfaceName, `set=1\n${lines.join("\n")}\n\n`);
  if (answer === null) return false;
  const errno = /^errno=(-?\d+)$/m.exec(answer)?.[1];
  if (errno === "0") return true;
  throw new OperationError({
    code: "program_failed",
    message: `wireguard-go refused the change of ${interfaceName}: errno ${errno ?? "missing"}.`,
    remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
  });
}

/** What `wg show <interface> dump` says; null = nobody listens there, or it is refused or not understood. */
export async function readByUapi(interfaceName: string): Promise<Dump | null> {
  const answer = await ask(interfaceName, "get=1\n\n");
  const dump = answer !== null && /(?:^|\n)errno=0\n\n$/.test(answer) ? parseDump(dumpText(answer)) : null;
  return dump?.ok === true ? dump.value : null;
}

/** An answer to `get=1` as `wg show <interface> dump` prints it. Pure. */
export function dumpText(answer: string): string {
  const head = new Map<string, string>();
  const peers: { readonly values: Map<string, string>; readonly allowedIps: string[] }[] = [];
  for (const line of answer.split("\n")) {
    const at = line.indexOf("=");
    if (at === -1) continue;
    const [name, value] = [line.slice(0, at), line.slice(at + 1)];
    const peer = peers.at(-1);
    if (name === "public_key") peers.push({ values: new Map([[name, value]]), allowedIps: [] });
    else if (name === "errno") break;
    else if (peer === undefined) head.set(name, value);
    else if (name === "allowed_ip") peer.allowedIps.push(value);
    else peer.values.set(name, value);
  }
  const mark = Number(head.get("fwmark") ?? 0);
  const own = parsePrivateKey(base64(head.get("private_key")));
  const lines = [
    [
      own.ok ? own.value.reveal() : NONE,
      own.ok ? derivePublicKey(own.value) : NONE,
      head.get("listen_port") ?? "0",
      mark === 0 ? "off" : `0x${mark.toString(16)}`,
    ],
    ...peers.map(({ values, allowedIps }) => [
      base64(values.get("public_key")),
      (values.get("preshared_key") ?? NO_KEY) === NO_KEY ? NONE : base64(values.get("preshared_key")),
      values.get("endpoint") ?? NONE,
      allowedIps.length === 0 ? NONE : allowedIps.join(","),
      values.get("last_handshake_time_sec") ?? "0",
      values.get("rx_bytes") ?? "0",
      values.get("tx_bytes") ?? "0",
      values.get("persistent_keepalive_interval") ?? "0",
    ]),
  ];
  return lines.map((fields) => `${fields.join("\t")}\n`).join("");
}

const NONE = "(none)";

function base64(key: string | undefined): string {
  return Buffer.from(key ?? "", "hex").toString("base64");
}

/** One question on a connection of its own, and all of its answer; null = nobody listens. */
function ask(interfaceName: string, question: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlSocket(interfaceName));
    let answer = "";
    const limit = setTimeout(() => fail(`no answer within ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS);
    const end = (value: string | null): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(value);
    };
    const fail = (why: string): void => {
      clearTimeout(limit);
      socket.destroy();
      reject(
        new OperationError({
          code: "program_failed",
          message: `wireguard-go of ${interfaceName}: ${why}.`,
          remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
        }),
      );
    };
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.write(question));
    socket.on("data", (part: string) => {
      answer += part;
      if (answer.length > OUTPUT_LIMIT) fail("its answer has no end");
      else if (answer.endsWith("\n\n")) end(answer);
    });
    socket.once("error", () => end(null));
    socket.once("end", () => fail("it ended in the middle of its answer"));
  });
}
