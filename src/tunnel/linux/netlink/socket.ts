/**
 * A socket to the kernel's rtnetlink(7), or to its sock_diag(7). The kernel works on a request while it is being sent,
 * so the answer is there when `send` returns. A call takes some tens of microseconds, and longer where somebody else is
 * changing the network: the kernel has one lock for all of it.
 */
import { constants } from "node:os";
import { AF_NETLINK, libc, SOCK_FLAGS, SOCK_RAW } from "../libc.ts";
import { FLAG, message, MESSAGE, messagesIn, type Message } from "./message.ts";

/** Which part of the kernel is asked: `NETLINK_ROUTE`, `NETLINK_SOCK_DIAG`. */
const PROTOCOL = { route: 0, sockets: 4 } as const;
const SOL_NETLINK = 270;
/** The kernel judges a dump's request strictly, and filters it by what it names. */
const STRICT_CHECK = 12;
/** Longest datagram that the kernel makes of a dump. */
const BUFFER = 64 * 1024;
/** Datagrams of one answer. A dump that is longer is not of a machine that anybody uses. */
const MOST_DATAGRAMS = 100_000;
/** Where a dump was changed while it was read, it is read again; at most so often. */
const MOST_READINGS = 5;

/** What the kernel said no to. */
export class NetlinkError extends Error {
  /** `errno`, positive. */
  readonly errno: number;

  constructor(errno: number) {
    super(wordsOf(errno));
    this.name = "NetlinkError";
    this.errno = errno;
  }
}

/** A request without its header. */
export interface Request {
  readonly type: number;
  /** Beside `request`. */
  readonly flags: number;
  readonly body: Buffer;
}

export class NetlinkSocket {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(BUFFER);
  #sequence = 0;
  /** Something changed while the last dump was made. */
  #interrupted = false;

  /** Throws a `NetlinkError` where the kernel has no such socket to give. */
  constructor(about: keyof typeof PROTOCOL = "route") {
    const { socket, setsockopt, errno } = libc();
    this.#fd = socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, PROTOCOL[about]);
    if (this.#fd < 0) throw new NetlinkError(errno());
    // Older kernels do not know it: they answer with more than was asked for.
    setsockopt(this.#fd, SOL_NETLINK, STRICT_CHECK, Buffer.from([1, 0, 0, 0]), 4);
  }

  /** Has something done. Throws a `NetlinkError` when the kernel refuses. */
  change(request: Request): void {
    this.#ask({ ...request, flags: request.flags | FLAG.acknowledge });
  }

  /** One thing. Throws a `NetlinkError`; `ENODEV`, `ENETUNREACH` and their like mean that there is none. */
  get(request: Request): Message | undefined {
    return this.#ask(request)[0];
  }

  /** Everything of a kind. Throws a `NetlinkError`. */
  dump(request: Omit<Request, "flags">): readonly Message[] {
    for (let reading = 1; ; reading += 1) {
      const messages = this.#ask({ ...request, flags: FLAG.dump });
      if (!this.#interrupted) return messages;
      if (reading === MOST_READINGS) throw new NetlinkError(constants.errno.EINTR);
    }
  }

  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }

  #ask({ type, flags, body }: Request): readonly Message[] {
    const { send, errno } = libc();
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#interrupted = false;
    const bytes = message(type, flags | FLAG.request, this.#sequence, body);
    if (send(this.#fd, bytes, bytes.length, 0) < 0) throw new NetlinkError(errno());
    const whole = (flags & FLAG.dump) === FLAG.dump && (flags & FLAG.acknowledge) === 0;
    const answer: Message[] = [];
    for (let count = 0; count < MOST_DATAGRAMS; count += 1) {
      for (const part of this.#receive()) {
        // An answer to an earlier request that was given up.
        if (part.sequence !== this.#sequence) continue;
        this.#interrupted ||= (part.flags & FLAG.interrupted) !== 0;
        if (part.type === MESSAGE.done || part.type === MESSAGE.error) {
          // A dump that fails says so in the message that ends it.
          const code = part.body.length < 4 ? 0 : -part.body.readInt32LE(0);
          if (code > 0) throw new NetlinkError(code);
          return answer;
        }
        answer.push(part);
        if (!whole) return answer;
      }
    }
    throw new NetlinkError(constants.errno.EMSGSIZE);
  }

  #receive(): readonly Message[] {
    const { recv, errno } = libc();
    const length = recv(this.#fd, this.#buffer, BUFFER, 0);
    if (length < 0) throw new NetlinkError(errno());
    // What is kept must not change with the next datagram.
    const { messages, cut } = messagesIn(Buffer.from(this.#buffer.subarray(0, length)));
    // A part of what there is would be taken for all of it.
    if (cut) throw new NetlinkError(constants.errno.EBADMSG);
    return messages;
  }
}

/** An `errno` as text: its name. */
function wordsOf(errno: number): string {
  const name = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
  return name ?? `errno ${errno}`;
}
