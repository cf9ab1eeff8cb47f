/** A typed client of the control plane's HTTP interface. Every answer is parsed; nothing is thrown. */
import http from "node:http";
import https from "node:https";
import { z } from "zod";
import { agentFor, describe, targetOf, type Remote } from "./connection.ts";
import { API_PREFIX, Problem } from "./http.ts";

/** Largest answer a client accepts, bytes. */
const MAX_ANSWER = 8 * 1024 * 1024;

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/**
 * What came of a request. `refused`: the server answered with a problem. `unreachable`, `timeout`: no answer; `sent`:
 * the server may have heard of it all the same. `garbage`: an answer that is not what the contract says.
 */
export type Answer<T> =
  | { readonly ok: true; readonly status: number; readonly body: T; readonly etag: string | null }
  | {
      readonly ok: false;
      readonly kind: "refused";
      readonly status: number;
      readonly problem: Problem;
      readonly message: string;
    }
  | {
      readonly ok: false;
      readonly kind: "unreachable" | "timeout";
      readonly sent: boolean;
      readonly message: string;
    }
  | { readonly ok: false; readonly kind: "garbage"; readonly message: string };

export interface ClientOptions extends Remote {
  readonly token?: string | undefined;
  /** Whole time of one request, milliseconds; default 10,000. */
  readonly timeoutMs?: number | undefined;
}

export interface Call<T> {
  readonly method: Method;
  /** Below `/api/v1`, with its leading slash; ids already encoded. */
  readonly path: string;
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  /** Schema of a successful answer; null where there is none (204). */
  readonly answer: z.core.$ZodType<T> | null;
}

/** One control plane as one caller. `close` drops the kept connections. */
export class ApiClient {
  readonly #options: ClientOptions;
  readonly #agent: http.Agent;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#agent = agentFor(options, true);
  }

  /** The same control plane with another token (or none). */
  as(token: string | undefined): ApiClient {
    return new ApiClient({ ...this.#options, token });
  }

  close(): void {
    this.#agent.destroy();
  }

  async call<T>(call: Call<T>): Promise<Answer<T>> {
    const { host } = targetOf(this.#options.origin);
    let raw: { status: number; etag: string | null; text: string };
    const signal = AbortSignal.timeout(this.#options.timeoutMs ?? 10_000);
    let sent = false;
    try {
      raw = await this.#exchange(call, signal, () => (sent = true));
    } catch (error) {
      const [kind, message] = signal.aborted
        ? (["timeout", `The control plane ${host} did not answer in time`] as const)
        : (["unreachable", `The control plane ${host} cannot be reached: ${describe(error)}`] as const);
      return { ok: false, kind, sent, message };
    }
    return read(raw, call.answer, host);
  }

  #exchange<T>(
    call: Call<T>,
    signal: AbortSignal,
    onSent: () => void,
  ): Promise<{ status: number; etag: string | null; text: string }> {
    const { secure } = targetOf(this.#options.origin);
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        new URL(API_PREFIX + call.path, this.#options.origin),
        {
          method: call.method,
          agent: this.#agent,
          signal,
          headers: {
            accept: "application/json, application/problem+json",
            ...(this.#options.token === undefined ? {} : { authorization: `Bearer ${this.#options.token}` }),
            ...(call.ifMatch === undefined ? {} : { "if-match": call.ifMatch }),
            ...(body === undefined
              ? {}
              : { "content-type": "application/json", "content-length": body.length }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_ANSWER)
              response.destroy(new Error(`its answer is larger than ${MAX_ANSWER} bytes`));
            else chunks.push(chunk);
          });
          response.once("error", reject);
          response.once("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              etag: response.headers.etag ?? null,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      request.once("error", reject);
      // From here on there is a connection that it goes out on.
      request.once("socket", onSent);
      request.end(body);
    });
  }
}

function read<T>(
  raw: { status: number; etag: string | null; text: string },
  schema: z.core.$ZodType<T> | null,
  host: string,
): Answer<T> {
  const garbage = (why: string): Answer<T> => ({
    ok: false,
    kind: "garbage",
    message: `${host} answered with something that is not a Nanami control plane's answer (${why})`,
  });
  const ok = raw.status >= 200 && raw.status < 300;
  if (ok && schema === null) return { ok: true, status: raw.status, body: undefined as T, etag: raw.etag };
  let json: unknown;
  try {
    json = JSON.parse(raw.text);
  } catch {
    return garbage(`status ${raw.status}, not JSON`);
  }
  if (ok && schema !== null) {
    const parsed = z.safeParse(schema, json);
    if (parsed.success) return { ok: true, status: raw.status, body: parsed.data, etag: raw.etag };
    const issue = parsed.error.issues[0];
    return garbage(
      issue === undefined ? "unknown fields" : `${issue.path.join(".") || "the whole"}: ${issue.message}`,
    );
  }
  const problem = Problem.safeParse(json);
  if (!problem.success) return garbage(`status ${raw.status} without problem details`);
  return {
    ok: false,
    kind: "refused",
    status: raw.status,
    problem: problem.data,
    message: problem.data.errors?.[0]?.message ?? problem.data.detail ?? problem.data.title,
  };
}
