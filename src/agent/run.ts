/** Puts the agent together: memory, sockets, engine, agent, RPC server; and takes it apart on a signal. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { z } from "zod";
import { RpcServer } from "../rpc/server.ts";
import { checkSocketPath, claimSocket, openSocket, SocketPathError } from "../rpc/socket-path.ts";
import { startEngine } from "../tunnel/engine.ts";
import { askOnce } from "../tunnel/linux/echo.ts";
import { CONTROL_MARK } from "../tunnel/linux/marks.ts";
import { onLinkNetworks } from "../tunnel/linux/read.ts";
import { kernelRoute } from "../tunnel/linux/route-get.ts";
import { join } from "node:path";
import type { Intent } from "../tunnel/types.ts";
import { AddressBook } from "./address-book.ts";
import { Agent } from "./agent.ts";
import { refusalFor, standingOf, visibleTo, type Ownership, type Peer } from "./authorization.ts";
import { keepForBoot } from "./boot-file.ts";
import { tryToLeave } from "./diagnostics/leak-attempt.ts";
import type { LogRing } from "./diagnostics/log-ring.ts";
import { systemSections } from "./diagnostics/system-sections.ts";
import { letsOut } from "./direct-attempt.ts";
import { openLog, type Log } from "./log.ts";
import { lookUpThrough, nameServers, systemResolvers } from "./look-up.ts";
import { connectThrough } from "./marked-connect.ts";
import { boundSockets, markedSockets } from "./marked-socket.ts";
import { Memory } from "./memory.ts";
import { groupId, peerCredentials } from "./peer-credentials.ts";
import { attachedNetworks } from "./profiles/machine-facts.ts";
import { askNetworkManager } from "./portal/network-manager.ts";
import { PortalWatch } from "./portal/portal-watch.ts";
import { listenToRouters, type RouterWord } from "./portal/router-options.ts";
import { ProfileStore } from "./profiles/profile-store.ts";
import { ping } from "./round-trips.ts";
import { watchSleep } from "./sleep-signal.ts";
import { lockState, StateLockedError } from "./state-lock.ts";
import { sight, watchSurroundings } from "./surroundings-watch.ts";

/** Members of this group may steer all traffic of the machine. */
const GROUP = "nanami";

export interface RunOptions {
  readonly state: string;
  readonly socket: string;
  readonly interface: string;
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** The same work, one after the other. */
function oneAtATime<T>(work: (value: T) => Promise<void>): (value: T) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (value) => {
    const done = last.then(() => work(value));
    last = done.catch(() => undefined);
    return done;
  };
}

/** Hears what routers say of a page to sign in at; deaf where the kernel refuses. */
function routerWordsOrNone(log: ReturnType<typeof openLog>["log"]): () => readonly RouterWord[] {
  try {
    return listenToRouters().read;
  } catch (error) {
    log("routers are not listened to", { error: String(error) });
    return () => [];
  }
}

/** Runs until SIGTERM or SIGINT; both leave the protection in place. Exits with 1 when it cannot start. */
export async function run(options: RunOptions): Promise<void> {
  const { log, logger, ring } = openLog();
  try {
    await serve(options, log, ring);
  } catch (error) {
    if (error instanceof SocketPathError || error instanceof StateLockedError) logger.fatal(error.message);
    else logger.fatal({ err: error }, "the agent cannot start");
    process.exitCode = 1;
  }
}

async function serve(options: RunOptions, log: Log, ring: LogRing): Promise<void> {
  checkSocketPath(options.socket);
  const group = groupId(GROUP);
  const memory = await Memory.open(options.state, log);
  // Before the engine touches anything: a second agent must not come near a tunnel that has its owner.
  try {
    lockState(options.state);
  } catch (error) {
    if (error instanceof StateLockedError) throw error;
    // A full disk keeps nobody from disconnecting; the socket still tells most of those who come second.
    log("the state folder could not be locked", { error: String(error) });
  }
  await claimSocket(options.socket, group);
  const engine = await startEngine({
    folder: join(options.state, "tunnel"),
    interface: options.interface,
    log,
  });
  const sockets = markedSockets(CONTROL_MARK);
  const resolvers = (): readonly string[] => {
    // While something of ours is in force, the file may name resolvers inside the tunnel, and the engine knows more.
    const now = engine.outsideResolvers ?? (engine.atRest ? systemResolvers() : null);
    // Between two networks there may be none for a moment; those of the last one are better than nobody.
    if (now === null || now.length === 0) return memory.surroundings.resolvers;
    const seen = [...now];
    if (seen.join() !== memory.surroundings.resolvers.join()) memory.setSurroundings({ resolvers: seen });
    return seen;
  };
  const portal = new PortalWatch({
    tunnel: options.interface,
    routers: routerWordsOrNone(log),
    networkManager: askNetworkManager,
  });
  const book = new AddressBook(
    memory.surroundings.addresses,
    lookUpThrough(sockets, resolvers),
    (addresses) => memory.setSurroundings({ addresses }),
  );
  const agent = new Agent({
    version: version(),
    memory,
    profiles: await ProfileStore.open(join(options.state, "profiles")),
    engine,
    book,
    connect: connectThrough(sockets, book),
    resolvers,
    lan: () => attachedNetworks(options.interface),
    log,
    keepForBoot: oneAtATime((rest: Intent | null) => keepForBoot(options.state, options.interface, rest)),
    explaining: {
      interface: options.interface,
      nameServers: () => nameServers(readFileSync("/etc/resolv.conf", "utf8")),
      attempt: async (address) => {
        const [way] = onLinkNetworks(networkInterfaces(), options.interface);
        if (way === undefined) return null;
        const unmarked = await letsOut(boundSockets(way.interface), address);
        return { marked: await letsOut(sockets, address), unmarked };
      },
    },
    diagnostics: {
      ring,
      sections: () => systemSections(version()),
      links: () => onLinkNetworks(networkInterfaces(), options.interface),
      kernelRoute: (address, uid) => kernelRoute(address, uid, options.interface),
      ask: askOnce,
      tryToLeave,
    },
    ping,
    portal,
  });
  const ownership = (): Ownership => ({
    owner: memory.identity?.owner ?? null,
    group,
    lockdown: memory.settings.lockdown === "on",
  });
  const server = new RpcServer<Peer>({
    identify: (socket) => peerCredentials(socket),
    refuses: (peer, method) => refusalFor(peer, method, ownership()),
    hasStanding: (peer) => standingOf(peer, ownership()) !== "other",
    snapshot: () => agent.board.current,
    view: (part, peer) => visibleTo(part, peer, ownership()),
    handlers: agent.handlers,
    onSubscribers: (count) => agent.watchers(count),
    onFault: ({ message, error }) => log(message, error instanceof Error ? { error: error.message } : {}),
  });
  agent.board.onPatch((patch) => server.publish(patch));
  agent.start();
  await server.listen(options.socket);
  await openSocket(options.socket);
  log("ready", { socket: options.socket });
  watchSurroundings(
    () => {
      // Routers say it once in a while, and the kernel keeps it for nobody.
      portal.listen();
      return sight(options.interface);
    },
    (what) => agent.networkChanged(what),
  );
  // Without a system bus the clocks tell.
  watchSleep(() => agent.networkChanged("woke")).catch(() => undefined);

  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log("stopping; what is protected stays protected", { signal });
    await server.close();
    await agent.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        log("it could not be stopped in order", { error: String(error) });
        process.exit(1);
      });
    });
}
