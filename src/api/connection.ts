/**
 * How programs reach the control plane: HTTP or HTTPS over a socket that the caller may make itself (the agent's
 * sockets carry a mark, so that they may leave while everything else is closed).
 */
import http from "node:http";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import type { Duplex } from "node:stream";

/** Opens a TCP connection. `host` has no brackets. Rejects with an error a person understands. */
export type Connect = (target: { host: string; port: number; signal: AbortSignal }) => Promise<net.Socket>;

/** Where the control plane is and what makes it trusted. */
export interface Remote {
  /** `https://host[:port]` or `http://…`. */
  readonly origin: string;
  /** PEM of the only certificate authority to trust; absent = the system's roots. */
  readonly ca?: string | undefined;
  readonly connect?: Connect | undefined;
}

/** Time in which a connection has to stand, milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** The ordinary way: the system resolves, routes and connects. */
export const connectPlainly: Connect = ({ host, port, signal }) =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true });
    // Given to `net.connect`, the signal would end the connection whenever it fires, long after it stands too.
    const abort = (): void => {
      socket.destroy(new Error("it did not answer in time"));
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      resolve(socket);
    });
    socket.once("error", reject);
  });

/** Host without brackets and port of an origin. */
export function targetOf(origin: string): { host: string; port: number; secure: boolean } {
  const url = new URL(origin);
  const secure = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    secure,
  };
}

type Created = (error: Error | null, socket: Duplex) => void;

/** An HTTP agent whose sockets come from `remote.connect`, with TLS above them where the origin asks for it. */
export function agentFor(remote: Remote, keepAlive: boolean): http.Agent {
  const { host, port, secure } = targetOf(remote.origin);
  const connect = remote.connect ?? connectPlainly;
  const open = (upgrade: (socket: net.Socket) => Duplex, created: Created): void => {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    connect({ host, port, signal }).then(
      (socket) => created(null, upgrade(socket)),
      (error: unknown) =>
        created(error instanceof Error ? error : new Error(String(error)), new net.Socket()),
    );
  };
  const options = { keepAlive, maxSockets: 4, timeout: 30_000 };
  if (!secure) {
    return new (class extends http.Agent {
      override createConnection(_options: http.ClientRequestArgs, created: Created): undefined {
        open((socket) => socket, created);
      }
    })(options);
  }
  return new (class extends https.Agent {
    override createConnection(_options: https.RequestOptions, created: Created): undefined {
      open(
        (socket) =>
          tls.connect({
            socket,
            host,
            servername: net.isIP(host) === 0 ? host : "",
            ALPNProtocols: ["http/1.1"],
            minVersion: "TLSv1.2",
            ...(remote.ca === undefined ? {} : { ca: remote.ca }),
          }),
        created,
      );
    }
  })(options);
}

export type TrustAnchor =
  | { readonly ok: true; readonly ca: string }
  | { readonly ok: false; readonly code: "pin_mismatch" | "unreachable"; readonly message: string };

/**
 * Asks a server for its certificate chain and returns the certificate authority in it whose fingerprint is `pin`
 * (SHA-256 of the DER, lower-case hexadecimal). Nothing is sent and nothing else is believed: the caller then
 * connects anew, trusting that authority alone.
 */
export async function fetchTrustAnchor(remote: Omit<Remote, "ca">, pin: string): Promise<TrustAnchor> {
  const { host, port } = targetOf(remote.origin);
  const connect = remote.connect ?? connectPlainly;
  const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  let raw: net.Socket;
  try {
    raw = await connect({ host, port, signal });
  } catch (error) {
    return {
      ok: false,
      code: "unreachable",
      message: `${host} port ${port} does not answer: ${describe(error)}`,
    };
  }
  return new Promise((resolve) => {
    const socket = tls.connect({
      socket: raw,
      servername: net.isIP(host) === 0 ? host : "",
      rejectUnauthorized: false,
    });
    const finish = (anchor: TrustAnchor): void => {
      socket.destroy();
      resolve(anchor);
    };
    signal.addEventListener("abort", () =>
      finish({
        ok: false,
        code: "unreachable",
        message: `${host} port ${port} did not finish its TLS handshake in time`,
      }),
    );
    socket.once("error", (error) =>
      finish({
        ok: false,
        code: "unreachable",
        message: `${host} port ${port} does not speak TLS: ${describe(error)}`,
      }),
    );
    socket.once("secureConnect", () => {
      const wanted = pin.toLowerCase();
      for (
        let certificate = socket.getPeerX509Certificate(), depth = 0;
        certificate !== undefined && depth < 8;
        certificate = certificate.issuerCertificate, depth += 1
      ) {
        if (certificate.ca && certificate.fingerprint256.replaceAll(":", "").toLowerCase() === wanted) {
          finish({ ok: true, ca: certificate.toString() });
          return;
        }
      }
      finish({
        ok: false,
        code: "pin_mismatch",
        message: `${host} does not show the certificate authority that the link names. Either the link is old or somebody stands between you and the server; ask your operator for a new link.`,
      });
    });
  });
}

/** The words of an unknown error. */
export function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
