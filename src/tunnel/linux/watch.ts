/**
 * Notices within milliseconds that somebody changed links, addresses, routes, rules, forwarding, the firewall or the
 * resolver.
 */
import { watch } from "node:fs";
import { FIREWALL_TABLE } from "./marks.ts";
import { networkNews, newsOfTable } from "./netlink-news.ts";
import { FROM, GROUP, listenToKernel } from "./netlink-socket.ts";

/** Changes come in bursts (a table of routes is flushed one by one): milliseconds that the rest of one is given. */
const SETTLE_MS = 10;
/** Milliseconds between two reports at least: what answers the first one is reported too. */
const REST_MS = 100;
/** Milliseconds between looks at the system where the kernel reports nothing. */
const BLIND_LOOK_MS = 500;

export interface Burst {
  /** When the first change of it was heard of, `performance.now()`. */
  readonly first: number;
  /** Our firewall table was deleted, and not made again: so the kernel said, whether it can be looked at or not. */
  readonly firewallGone: boolean;
}

export interface WatchOptions {
  /** Told of every burst of changes, our own included. */
  readonly changed: (burst: Burst) => void;
  /**
   * Those that say whom to ask for names; they are watched and not their files, since programs replace those by
   * renaming.
   */
  readonly folders: readonly string[];
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

const { link, address4, address6, route4, route6, rule4, rule6, netconf4, netconf6, nftables } = GROUP;

/** Watches from the return of this call on. Dispose to stop. */
export function watchSystem({ changed, folders, log }: WatchOptions): Disposable {
  const watchers = new DisposableStack();
  let due: NodeJS.Timeout | undefined;
  let reported = -Infinity;
  let firewallGone = false;
  const note = (): void => {
    if (due !== undefined) return;
    const first = performance.now();
    due = setTimeout(
      () => {
        due = undefined;
        reported = performance.now();
        changed({ first, firewallGone });
      },
      Math.max(SETTLE_MS, reported + REST_MS - first),
    );
  };
  watchers.defer(() => clearTimeout(due));
  try {
    const isNews = networkNews();
    const groups = [link, address4, address6, route4, route6, rule4, rule6, netconf4, netconf6];
    watchers.use(
      listenToKernel(FROM.network, groups, (datagram) => {
        if (datagram === null || isNews(datagram)) note();
      }),
    );
    watchers.use(
      listenToKernel(FROM.firewall, [nftables], (datagram) => {
        const news = datagram === null ? "made" : newsOfTable(datagram, FIREWALL_TABLE);
        if (news === null) return;
        if (news !== "changed") firewallGone = news === "deleted";
        note();
      }),
    );
  } catch (error) {
    log("the kernel does not report changes, so they are looked for", { error: String(error) });
    const looking = setInterval(note, BLIND_LOOK_MS);
    watchers.defer(() => clearInterval(looking));
  }
  for (const folder of folders) {
    try {
      const files = watch(folder, (_event, name) => {
        if (folder !== "/etc" || name === "resolv.conf") note();
      });
      // A folder that went away says nothing more; the regular look at the system remains.
      files.on("error", () => files.close());
      watchers.defer(() => files.close());
    } catch {
      // Gone already, or this machine watches as many as it may (inotify(7)).
    }
  }
  return watchers;
}
