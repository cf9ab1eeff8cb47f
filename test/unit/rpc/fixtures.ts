import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROTOCOL, type Snapshot } from "../../../src/rpc/contract.ts";
import { profileMethods } from "../../../src/rpc/profiles.ts";
import { DEFAULT_SETTINGS } from "../../../src/rpc/settings.ts";
import { RpcRefusal, RpcServer, type Handlers, type ServerOptions } from "../../../src/rpc/server.ts";

export interface Peer {
  readonly uid: number;
}

export const SNAPSHOT: Snapshot = {
  agentVersion: "0.0.0",
  protocol: PROTOCOL,
  enrollment: null,
  tunnel: { state: "disconnected" },
  path: null,
  inForce: null,
  controlPlane: { connected: false, problem: null, revoked: false },
  announcement: null,
  unsaved: null,
  traffic: null,
  profile: null,
  settings: DEFAULT_SETTINGS,
};

function unavailable(): Promise<never> {
  return Promise.reject(
    new RpcRefusal({ code: "not_enrolled", message: "not enrolled", remedy: "Enrol first." }),
  );
}

type ProfileHandlers = Pick<Handlers<Peer>, keyof typeof profileMethods>;

/** Every request about profiles, answered by `refuse`. */
export function refusedProfiles(refuse: () => Promise<never>): ProfileHandlers {
  // The same names as the contract's, by construction.
  return Object.fromEntries(
    Object.keys(profileMethods).map((name) => [name, refuse]),
  ) as unknown as ProfileHandlers;
}

/** A server over a fresh socket, or the one at `at`, whose handlers refuse, unless they are given. */
export async function serve(overrides: Partial<ServerOptions<Peer>> = {}, at?: string) {
  const folder = mkdtempSync(join(tmpdir(), "nanami-rpc-"));
  const path = at ?? join(folder, "agent.sock");
  const faults: string[] = [];
  const server = new RpcServer<Peer>({
    identify: () => ({ uid: 1000 }),
    refuses: () => undefined,
    hasStanding: () => true,
    snapshot: () => SNAPSHOT,
    view: (part) => part,
    onFault: (fault) => faults.push(fault.message),
    ...overrides,
    handlers: {
      connect: () => Promise.resolve(SNAPSHOT),
      disconnect: () => Promise.resolve(SNAPSHOT),
      enroll: unavailable,
      logout: () => Promise.resolve({}),
      getPreferences: unavailable,
      setPreference: unavailable,
      previewPath: unavailable,
      gateways: () => Promise.resolve([]),
      getSettings: unavailable,
      setSettings: unavailable,
      explainRoute: unavailable,
      checkHealth: unavailable,
      testLeaks: unavailable,
      readLog: unavailable,
      diagnostics: unavailable,
      noteEvent: unavailable,
      ...refusedProfiles(unavailable),
      ...overrides.handlers,
    },
  });
  await server.listen(path);
  return {
    path,
    server,
    faults,
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A plain connection, for sending what no client would. */
export async function dial(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  return socket;
}

/** Resolves when the other side ended the connection. */
export function ended(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => (socket.closed ? resolve() : socket.once("close", () => resolve())));
}

export function frame(json: unknown): string {
  const body = typeof json === "string" ? json : JSON.stringify(json);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
