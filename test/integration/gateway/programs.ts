/** The programs around a gateway in these tests, spoken to over pipes: one JSON value a line. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import type { GatewayMessage, GatewayState } from "../../../src/api/events.ts";
import type { Host } from "../../../src/lab/host.ts";
import { untilLine } from "../../../src/lab/world.ts";
import { parsePrivateKey, type SecretKey } from "../../../src/wireguard/keys.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const DRIVER = here("driver-program.ts");
const CONTROL_PLANE = here("control-plane-program.ts");
/** What an operator starts. */
export const MAIN = here("../../../src/gateway/main.ts");

export const INTERFACE = "nanami-gw";

/** A program that takes and gives lines. */
class LineProgram {
  readonly child: ResultPromise;
  readonly lines: AsyncIterator<string>;

  constructor(host: Host, file: string, args: readonly string[]) {
    this.child = host.spawn(process.execPath, [file, ...args], { stderr: "inherit" });
    const lines = new PassThrough();
    this.child.stdout?.pipe(lines);
    this.lines = createInterface(lines)[Symbol.asyncIterator]();
  }

  send(value: unknown): void {
    this.child.stdin.write(`${JSON.stringify(value)}\n`);
  }

  async next(): Promise<Record<string, unknown>> {
    const line = await this.lines.next();
    if (line.done === true) throw new Error("the program ended");
    return JSON.parse(line.value) as Record<string, unknown>;
  }
}

export interface Applied {
  readonly applied: boolean;
  readonly refused: readonly { readonly deviceId?: string; readonly code: string }[];
  readonly ms: number;
}

/** The gateway's driver alone, on a host. */
export class DriverProcess {
  readonly #program: LineProgram;

  constructor(host: Host, privateKey: SecretKey) {
    this.#program = new LineProgram(host, DRIVER, [INTERFACE, privateKey.reveal()]);
  }

  async #ask(request: unknown): Promise<Record<string, unknown>> {
    this.#program.send(request);
    const answer = await this.#program.next();
    if (typeof answer["error"] === "string") throw new Error(answer["error"]);
    return answer;
  }

  async apply(state: GatewayState | null): Promise<Applied> {
    return (await this.#ask({ do: "apply", state })) as unknown as Applied;
  }

  async problem(state: GatewayState | null): Promise<unknown> {
    return (await this.#ask({ do: "problem", state }))["problem"];
  }

  async refusals(): Promise<{ byReason: Record<string, number>; byAddress: Record<string, number> }> {
    return (await this.#ask({ do: "refusals" })) as never;
  }
}

/** A control plane on the host's own loopback that says what the test wants. */
export class FakeControlPlane {
  static readonly link = "nanami://enroll/127.0.0.1:8080#0123456789abcdef0123456789abcdef";
  readonly #program: LineProgram;

  private constructor(program: LineProgram) {
    this.#program = program;
  }

  static async start(host: Host): Promise<FakeControlPlane> {
    const program = new LineProgram(host, CONTROL_PLANE, ["8080"]);
    await program.next();
    return new FakeControlPlane(program);
  }

  say(state: GatewayState): void {
    this.sayText(JSON.stringify({ type: "state.changed", state }));
  }

  sayText(text: string): void {
    this.#program.send({ do: "say", text });
  }

  close(code: number, reason: string): void {
    this.#program.send({ do: "close", code, reason });
  }

  /** Waits for the next event that fits. */
  async until(fits: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const event = await this.#program.next();
      if (fits(event)) return event;
    }
  }

  /** Waits for the next message of this kind from the gateway. */
  async message<T extends GatewayMessage["type"]>(type: T): Promise<Extract<GatewayMessage, { type: T }>> {
    const event = await this.until(({ message }) => (message as GatewayMessage | undefined)?.type === type);
    return event["message"] as Extract<GatewayMessage, { type: T }>;
  }
}

/** The key that a gateway made for itself, from its state folder. */
export async function keyMadeIn(state: string): Promise<SecretKey> {
  const identity = JSON.parse(await readFile(join(state, "identity.json"), "utf8")) as { privateKey: string };
  const key = parsePrivateKey(identity.privateKey);
  if (!key.ok) throw new Error(key.message);
  return key.value;
}

/** The whole gateway agent. */
export class GatewayProcess {
  readonly #child: ResultPromise;

  private constructor(child: ResultPromise) {
    this.#child = child;
  }

  /** Resolves when it stands guard. */
  static async start(host: Host, state: string, more: readonly string[] = []): Promise<GatewayProcess> {
    const child = host.spawn(process.execPath, [MAIN, "--state", state, ...more]);
    await untilLine(host.name, "gateway", child, / guards /);
    return new GatewayProcess(child);
  }

  /** nsenter becomes the program itself, so the signal reaches it. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#child;
  }
}
