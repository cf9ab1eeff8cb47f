/** The connections of this machine's programs that cannot go on after a change, and what is remembered to tell them. */
import { networkInterfaces } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { Address } from "../../wireguard/address.ts";
import { hostPrefix, prefixParts } from "../../wireguard/prefix.ts";
import { endedBy, movesExit } from "../exits.ts";
import type { NetworkState } from "../network-state.ts";
import type { Carried, Record as TunnelRecord } from "../record.ts";
import type { ActualState } from "./actual-state.ts";
import { asksConntrack } from "./firewall.ts";
import { canEndSockets, endConnections, tellSockets } from "./sockets.ts";

/** Above so many routes (hand-written files) it is not looked at what a change moves: it may. */
const MOST_COMPARED_ROUTES = 64;

export class Strayed {
  readonly #record: Pick<TunnelRecord, "readCarried" | "writeCarried">;
  /** What was carried last, and how; null = nothing, or it is not known. */
  #carried: Carried | null = null;
  /** The state whose connections were judged last. */
  #judged: NetworkState | null = null;

  constructor(record: Pick<TunnelRecord, "readCarried" | "writeCarried">) {
    this.#record = record;
  }

  /** Learns what an earlier life left, where nothing is known: it may have ended in the middle of a change. */
  found(actual: ActualState): void {
    this.#carried ??= this.#record.readCarried() ?? carriedBy(actual);
  }

  /**
   * Before a change to this state begins: what it moves can be told only by how it was carried before, which is written
   * down for the case that this life ends before `end` does. Comfort, not protection: a full disk stops nothing.
   */
  moving(state: NetworkState): void {
    if (this.looksLikeNew(state) || this.#losesAddress(state)) this.#writeDown(this.#carried);
  }

  /** Nothing is carried any more. */
  forget(): void {
    this.#carried = null;
    this.#judged = null;
    this.#writeDown(null);
  }

  #writeDown(carried: Carried | null): void {
    try {
      this.#record.writeCarried(carried);
    } catch {
      // Should it be missed, connections are told by their far ends, when they speak.
    }
  }

  #losesAddress(state: NetworkState): boolean {
    return this.#carried?.addresses.some((address) => !state.addresses.includes(address)) ?? false;
  }

  /**
   * Whether `end` would end connections that are opened from now on too, since they have the same ends as those that
   * cannot go on. Then it has to be done before anybody is told of the change.
   */
  looksLikeNew(state: NetworkState): boolean {
    const former = this.#carried;
    if (former === null || this.#isJudged(state)) return false;
    return (
      Math.max(state.routes.length, former.routes.length) > MOST_COMPARED_ROUTES || movesExit(state, former)
    );
  }

  /**
   * After a change to this state: ends the connections that cannot go on, so that nobody waits for an answer that cannot
   * come. Throws an `OperationError`; what was not ended then, the next call ends.
   */
  async end(state: NetworkState): Promise<void> {
    if (this.#isJudged(state)) return;
    const former = this.#carried;
    const own = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).map(({ address }) => address),
    );
    const ended = endedBy(state, former, own as Address[]);
    const { tracked } = state.firewall;
    if (canEndSockets()) await endConnections(ended);
    // From now on, what is opened looks like what was ended: it is not done twice, whoever can be told or not.
    this.#judged = state;
    if (state.peers.length > 0) {
      this.#carried = { ...state, tracked };
      this.#writeDown(null);
    }
    // Where connections were tracked before, the firewall tells those that say something.
    if (former?.tracked !== true || !tracked) await tellSockets(ended);
  }

  #isJudged(state: NetworkState): boolean {
    return isDeepStrictEqual(state, this.#judged);
  }
}

/** What the interface carries, as it is; null = nothing. */
function carriedBy({ link, device, routes, firewall }: ActualState): Carried | null {
  if (link === null || device === null || device.peers.length === 0) return null;
  return {
    addresses: link.addresses.map((address) => hostPrefix(prefixParts(address).address)),
    routes: routes.flatMap(({ via, ...route }) => (via === null ? [] : [{ ...route, via }])),
    peers: device.peers,
    tracked: asksConntrack(firewall),
  };
}
