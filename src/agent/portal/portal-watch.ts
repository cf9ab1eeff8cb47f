/**
 * Whether the network around announces a sign-in page. There is no DHCP client of ours: what others wrote down, or
 * were told, is looked at, of the interfaces that are up. That a page exists does not mean that somebody has to sign
 * in now; whoever uses this asks only while nothing answers.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { portalOfDhclient, portalOfDhcpMessage, portalOfNetworkd } from "./lease-files.ts";
import type { NetworkManagerWord } from "./network-manager.ts";
import { portalHost } from "./portal-uri.ts";
import type { RouterWord } from "./router-options.ts";

/** What is known of a sign-in page. */
export interface PortalHint {
  /** Where it is, as it may be shown; null = that there is one is all that is known. */
  readonly host: string | null;
}

export interface PortalWatchOptions {
  /** Name of the tunnel's interface, which announces nothing. */
  readonly tunnel: string;
  /** What routers said since the last call. */
  readonly routers: () => readonly RouterWord[];
  readonly networkManager: () => Promise<NetworkManagerWord | null>;
  /** Where the file system begins; for tests. */
  readonly root?: string;
  /** The interfaces that are up; for tests. */
  readonly interfaces?: () => readonly string[];
}

/** Largest file that is read: leases are small. */
const LARGEST = 256 * 1024;
/** Milliseconds for which a router's word counts: it says it again within half an hour (RFC 4861, section 6.2.1). */
const WORD_MS = 30 * 60_000;
/** Milliseconds before a move in which a word may have come from the new network already. */
const FRESH_MS = 15_000;

export class PortalWatch {
  readonly #options: PortalWatchOptions;
  /** By the link's index. */
  readonly #words = new Map<number, { readonly text: string; readonly at: number }>();

  constructor(options: PortalWatchOptions) {
    this.#options = options;
  }

  /** Takes what routers said meanwhile; to be called now and then, since nobody keeps it for long. */
  listen(now = Date.now()): void {
    for (const { link, text } of this.#options.routers()) this.#words.set(link, { text, at: now });
  }

  /** The device is on another network: older words are another one's. */
  moved(now = Date.now()): void {
    this.listen(now);
    for (const [link, { at }] of this.#words) if (now - at > FRESH_MS) this.#words.delete(link);
  }

  /** Looks now. Null = no sign of a page. */
  async look(now = Date.now()): Promise<PortalHint | null> {
    this.listen(now);
    const manager = await this.#options.networkManager();
    for (const name of this.#interfaces())
      for (const text of this.#announced(name, now)) {
        const host = portalHost(text);
        if (host !== null) return { host };
      }
    const host = portalHost(manager?.text ?? "");
    return host !== null || manager?.portal === true ? { host } : null;
  }

  #interfaces(): readonly string[] {
    const { tunnel, interfaces } = this.#options;
    if (interfaces !== undefined) return interfaces();
    return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
      name === tunnel || addresses?.every(({ internal }) => internal) === true ? [] : [name],
    );
  }

  /** What was said on an interface, unchecked, the most exact first. */
  #announced(name: string, now: number): readonly string[] {
    const { root = "/" } = this.#options;
    const read = (path: string): Buffer | null => readSmall(join(root, path));
    const index = Number(read(`sys/class/net/${name}/ifindex`)?.toString());
    const word = this.#words.get(index);
    const dhclient = [
      `var/lib/dhcp/dhclient.${name}.leases`,
      "var/lib/dhcp/dhclient.leases",
      `var/lib/dhclient/dhclient--${name}.lease`,
      "var/lib/dhclient/dhclient.leases",
    ];
    const texts = [
      ...["links", "leases"].map((folder) =>
        portalOfNetworkd(read(`run/systemd/netif/${folder}/${index}`)?.toString("latin1") ?? ""),
      ),
      word !== undefined && now - word.at < WORD_MS ? word.text : null,
      ...dhclient.map((path) => portalOfDhclient(read(path)?.toString("latin1") ?? "", name, now)),
      portalOfDhcpMessage(newestLease(join(root, "var/lib/dhcpcd"), name) ?? Buffer.alloc(0)),
    ];
    return texts.filter((text) => text !== null);
  }
}

/** dhcpcd keeps one lease for each network of a wireless interface: `wlan0-<name of the network>.lease`. */
function newestLease(folder: string, name: string): Buffer | null {
  let newest: { readonly path: string; readonly at: number } | null = null;
  try {
    for (const file of readdirSync(folder)) {
      if (file !== `${name}.lease` && !(file.startsWith(`${name}-`) && file.endsWith(".lease"))) continue;
      const path = join(folder, file);
      const at = statSync(path).mtimeMs;
      if (newest === null || at > newest.at) newest = { path, at };
    }
  } catch {
    // Not installed.
  }
  return newest === null ? null : readSmall(newest.path);
}

function readSmall(path: string): Buffer | null {
  try {
    return statSync(path).size > LARGEST ? null : readFileSync(path);
  } catch {
    return null;
  }
}
