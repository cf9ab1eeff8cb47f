/**
 * JSON-RPC messages over a byte stream with `Content-Length` headers, bounded on both sides. The readers and
 * writers of `vscode-jsonrpc` buffer whatever a peer announces and queue whatever it does not read; these refuse
 * a message by its header, before a byte of it is stored, and drop a peer that reads or writes too slowly.
 */
import type { Socket } from "node:net";
import { AbstractMessageReader, AbstractMessageWriter } from "vscode-jsonrpc/node";
import type { DataCallback, Disposable, Message, MessageReader, MessageWriter } from "vscode-jsonrpc/node";

/** Largest header block, bytes: room for Content-Length and Content-Type. */
const MAX_HEADER = 256;
const HEADER_END = Buffer.from("\r\n\r\n");

export interface FrameLimits {
  /** Largest body, bytes. */
  readonly maxMessage: number;
  /** Bytes that may wait unread by the peer before it is dropped; one message may always wait. */
  readonly maxBacklog: number;
  /** Time in which a message that has begun must be complete, milliseconds. */
  readonly messageTimeout: number;
}

/** Reads the length out of a header block (without its final empty line); a sentence when there is none. */
export function parseHeader(block: string, maxMessage: number): number | { readonly error: string } {
  const lengths = block
    .split("\r\n")
    .filter((line) => /^content-length:/i.test(line))
    .map((line) => /^content-length: ?(\d{1,10})$/i.exec(line)?.[1]);
  const [length] = lengths;
  if (lengths.length !== 1 || length === undefined)
    return { error: "a message without exactly one decimal Content-Length" };
  if (Number(length) > maxMessage)
    return { error: `a message of ${length} bytes; at most ${maxMessage} are accepted` };
  return Number(length);
}

/**
 * Reads messages from a socket. `accept` turns parsed JSON into a message of the direction that is expected here
 * and throws for anything else. The first violation destroys the socket, and nothing more is read from it.
 */
export class BoundedReader extends AbstractMessageReader implements MessageReader {
  readonly #socket: Socket;
  readonly #limits: FrameLimits;
  readonly #accept: (json: unknown) => Message;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #length: number | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(socket: Socket, limits: FrameLimits, accept: (json: unknown) => Message) {
    super();
    this.#socket = socket;
    this.#limits = limits;
    this.#accept = accept;
  }

  listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer) => {
      try {
        this.#take(chunk, callback);
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error("a message that cannot be read"));
      }
    };
    this.#socket.on("data", onData);
    this.#socket.on("error", (error) => this.fireError(error));
    this.#socket.on("close", () => {
      clearTimeout(this.#deadline);
      this.#chunks = [];
      this.fireClose();
    });
    return { dispose: () => void this.#socket.off("data", onData) };
  }

  #take(chunk: Buffer, callback: DataCallback): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    for (;;) {
      if (this.#socket.destroyed) return;
      this.#length ??= this.#readHeader();
      if (this.#length === undefined || this.#buffered < this.#length) break;
      const body = this.#split(this.#length);
      this.#length = undefined;
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
      callback(this.#accept(JSON.parse(body.toString("utf8"))));
    }
    if (this.#length === undefined && this.#buffered === 0) return;
    this.#deadline ??= setTimeout(
      () => this.#fail(new Error("a message that was begun and not completed")),
      this.#limits.messageTimeout,
    );
  }

  #readHeader(): number | undefined {
    // The header is short, so joining what waits costs little: the first chunk nearly always holds all of it.
    const waiting = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (waiting === undefined || waiting.length === 0) return undefined;
    const end = waiting.subarray(0, MAX_HEADER).indexOf(HEADER_END);
    if (end === -1) {
      if (waiting.length >= MAX_HEADER) throw new Error("a header block without end");
      return undefined;
    }
    const length = parseHeader(waiting.toString("latin1", 0, end), this.#limits.maxMessage);
    if (typeof length !== "number") throw new Error(length.error);
    const rest = waiting.subarray(end + HEADER_END.length);
    this.#chunks = [rest];
    this.#buffered = rest.length;
    return length;
  }

  /** Takes the first `length` bytes out of what waits. */
  #split(length: number): Buffer {
    const all = Buffer.concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#buffered = rest.length;
    return all.subarray(0, length);
  }

  #fail(error: Error): void {
    this.fireError(error);
    this.#socket.destroy();
  }
}

/** Writes messages to a socket; a peer that lets more than `maxBacklog` bytes wait is dropped. */
export class BoundedWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: Socket;
  readonly #limits: FrameLimits;

  constructor(socket: Socket, limits: FrameLimits) {
    super();
    this.#socket = socket;
    this.#limits = limits;
    socket.on("close", () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    const body = Buffer.from(JSON.stringify(message));
    if (body.length > this.#limits.maxMessage)
      return Promise.reject(new Error(`a message of ${body.length} bytes is too large to send`));
    if (this.#socket.writableLength > this.#limits.maxBacklog) {
      this.fireError(new Error("the peer does not read"));
      this.#socket.destroy();
      return Promise.resolve();
    }
    this.#socket.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#socket.write(body);
    return Promise.resolve();
  }

  end(): void {
    this.#socket.end();
  }
}
