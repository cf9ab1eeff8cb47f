/** Notices within moments that somebody changed links, addresses, routes, rules, the firewall or the resolver. */
import { watch } from "node:fs";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { programPath, type Program } from "./programs.ts";

/** Changes come in bursts: one report for what happens within this time, milliseconds. */
const SETTLE_MS = 100;
/** Milliseconds before a watcher that ended is started again. */
const RESTART_MS = 1000;

/** An address or route that a router advertised, with or without its lifetime, as `ip monitor` prints it. */
const ADVERTISED = /^\d+: \S+ +inet6? .* dynamic\b|^ +valid_lft |\bexpires \d+sec\b/;
const LIFETIMES = /\b(valid_lft|preferred_lft|expires) \S+/g;

/**
 * Tells news from repetition: a router advertises the same address and routes every few seconds to minutes, and only
 * their lifetimes differ (RFC 4861, section 6.2.1). Whatever else happens makes the next advertisement news again.
 */
export function newsFilter(): (line: string) => boolean {
  const known = new Set<string>();
  return (line) => {
    if (!ADVERTISED.test(line) || line.startsWith("Deleted")) {
      known.clear();
      return true;
    }
    const advertised = line.replace(LIFETIMES, "");
    if (known.has(advertised)) return false;
    known.add(advertised);
    return true;
  };
}

/**
 * Calls back after every burst of changes, our own included. Dispose to stop. `folders` are those that say whom to
 * ask for names; they are watched and not their files, since programs replace those by renaming.
 */
export function watchSystem(changed: () => void, folders: readonly string[]): Disposable {
  const stop = new AbortController();
  let settling: NodeJS.Timeout | undefined;
  const note = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      changed();
    }, SETTLE_MS);
  };
  const follow = (program: Program, args: readonly string[]): void => {
    if (stop.signal.aborted) return;
    const child = execa(programPath(program), args, {
      env: {},
      extendEnv: false,
      reject: false,
      cancelSignal: stop.signal,
      buffer: false,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const isNews = newsFilter();
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (isNews(line)) note();
    });
    void child.then(() => setTimeout(() => follow(program, args), RESTART_MS).unref());
  };
  follow("ip", ["monitor", "link", "address", "route", "rule"]);
  follow("nft", ["monitor"]);
  const watchers = folders.flatMap((folder) => {
    try {
      const files = watch(folder, (_event, name) => {
        if (folder !== "/etc" || name === "resolv.conf") note();
      });
      // A folder that went away says nothing more; the regular look at the system remains.
      files.on("error", () => files.close());
      return [files];
    } catch {
      // Gone already, or this machine watches as many as it may (inotify(7)).
      return [];
    }
  });
  return {
    [Symbol.dispose]: () => {
      stop.abort();
      for (const files of watchers) files.close();
      clearTimeout(settling);
    },
  };
}
