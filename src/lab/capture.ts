/** Everything that passes one interface of a host, from `start` to `stop`. */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import type { Host } from "./host.ts";
import type { Packet } from "./packet.ts";
import { untilLine } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("servers/capture.ts", import.meta.url));

export interface CapturedPacket extends Packet {
  /** Milliseconds since 1970 by the kernel's clock, with a fraction. */
  readonly time: number;
  /** As the host sees it: what it sends is `out`. */
  readonly direction: "in" | "out";
  /** Bytes on the wire, Ethernet header included. */
  readonly length: number;
}

export class Capture {
  readonly #host: Host;
  readonly #interface: string;
  readonly #child: ResultPromise;
  /** What came so far: `ready`, then packets. */
  readonly #lines: readonly string[];
  readonly #end: Promise<unknown>;

  private constructor(
    host: Host,
    name: string,
    child: ResultPromise,
    lines: readonly string[],
    end: Promise<unknown>,
  ) {
    this.#host = host;
    this.#interface = name;
    this.#child = child;
    this.#lines = lines;
    this.#end = end;
  }

  /** How many packets were read so far. The kernel hands them over within some ten milliseconds. */
  get count(): number {
    return Math.max(0, this.#lines.length - 1);
  }

  /** The packets that were read so far, from the one with this number on. Not after `stop`. */
  since(number: number): readonly CapturedPacket[] {
    // Written by our own program.
    return this.#lines.slice(number + 1).map((line) => JSON.parse(line) as CapturedPacket);
  }

  /** Resolves when every packet from now on is captured. */
  static async start(host: Host, name: string): Promise<Capture> {
    const child = host.spawn(process.execPath, [PROGRAM, name], { buffer: false });
    if (child.stdout === null) throw new Error(`${host.name}: the capture has no standard output`);
    const reader = createInterface(child.stdout);
    const lines: string[] = [];
    reader.on("line", (line) => lines.push(line));
    const closed = new Promise<void>((resolve) => reader.once("close", resolve));
    await untilLine(host.name, "capture", child, /^ready$/);
    return new Capture(host, name, child, lines, closed);
  }

  /** Ends the capture. Throws when a packet found no room in the ring: then there is nothing to say about leaks. */
  async stop(): Promise<readonly CapturedPacket[]> {
    const place = `${this.#host.name}: capture on ${this.#interface}`;
    this.#child.kill("SIGTERM");
    await this.#end;
    const last = this.#lines.at(-1);
    const end: unknown = last === undefined ? undefined : JSON.parse(last);
    if (typeof end !== "object" || end === null || !("dropped" in end)) {
      throw new Error(`${place} ended early; its last line was ${last ?? "missing"}`);
    }
    if (end.dropped !== 0)
      throw new Error(`${place} lost ${String(end.dropped)} packets; slow the traffic down`);
    // Written by our own program: the first line says `ready`, the last one was read above.
    return this.#lines.slice(1, -1).map((line) => JSON.parse(line) as CapturedPacket);
  }
}
