/**
 * Ends connections of this machine's programs: each is told that its connection was aborted, at once, also one that sends
 * nothing. Needs a kernel with `CONFIG_INET_DIAG_DESTROY`; where that is missing the firewall tracks connections, and
 * refuses the next packet of each. The agent's own sockets are left alone.
 */
import { setImmediate as turn } from "node:timers/promises";
import { isMulticast } from "../../wireguard/address-kind.ts";
import type { Prefix } from "../../wireguard/prefix.ts";
import type { Ended } from "../exits.ts";
import { OperationError } from "../operation-error.ts";
import { CONTROL_MARK } from "./marks.ts";
import { canDestroy, connectedSockets, destroySockets, type Connected } from "./netlink/sock-diag.ts";
import { runProgram } from "./programs.ts";
import { tellUnreachable } from "./unreachable.ts";

/** Sockets that are dealt with before others have their turn: some milliseconds. */
const PIECE = 256;
const BROADCAST = "255.255.255.255";

let known: boolean | undefined;

/** Whether this kernel can; asked once. */
export function canEndSockets(): boolean {
  known ??= canDestroy();
  return known;
}

/** Ends TCP connections. Throws an `OperationError`. */
export async function endConnections(ended: Ended): Promise<void> {
  await inPieces(those("tcp", ended), destroySockets);
}

/**
 * Tells programs that hold connected UDP sockets, once, that their way is prohibited, as a firewall on it would. They are
 * not ended: many protocols go on from another address by themselves (QUIC, WireGuard). A socket that is bound to an
 * interface does not hear it. Throws an `OperationError`.
 */
export async function tellSockets(ended: Ended): Promise<void> {
  const told = those("udp", ended).filter(
    ({ remote }) => remote.address !== BROADCAST && !isMulticast(remote.address),
  );
  await inPieces(told, tellUnreachable);
}

/**
 * Ends the sockets of every kind that have one of these addresses, bound ones too: they would go on sending from an
 * address that is there no more (IPv6 asks nobody). Throws an `OperationError`.
 */
export async function endSocketsOf(addresses: readonly Prefix[]): Promise<void> {
  if (addresses.length === 0) return;
  const kinds = ["-t", "-u", "-w", "state", "connected", "state", "unconnected"];
  const from = addresses.map((address) => `src ${address}`).join("\nor ");
  await runProgram("ss", ["-K", "-H", "-n", ...kinds, "-F", "-"], {
    input: `fwmark != 0x${CONTROL_MARK.toString(16)} and\n(\n${from}\n)\n`,
  });
}

function those(protocol: "tcp" | "udp", ended: Ended): readonly Connected[] {
  try {
    return connectedSockets(protocol).filter(
      ({ mark, local, remote }) => mark !== CONTROL_MARK && ended(local.address, remote.address),
    );
  } catch (error) {
    throw new OperationError({
      code: "program_failed",
      message: `The kernel does not tell which ${protocol.toUpperCase()} sockets there are: ${error instanceof Error ? error.message : String(error)}.`,
      remedy: "It is tried again by itself.",
    });
  }
}

async function inPieces(
  sockets: readonly Connected[],
  deal: (piece: readonly Connected[]) => void,
): Promise<void> {
  for (let at = 0; at < sockets.length; at += PIECE) {
    if (at > 0) await turn();
    deal(sockets.slice(at, at + PIECE));
  }
}
