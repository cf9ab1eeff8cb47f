/** What this machine knows about itself that a file may touch: its networks, its resolvers, its control plane. */
import { networkInterfaces } from "node:os";
import type { ResolvedPath } from "../../routing/types.ts";
import { parseAddress, type Address } from "../../wireguard/address.ts";
import type { MachineFacts } from "../../wireguard/config/check-meaning.ts";
import { networkOf, parseInterfaceAddress, parsePrefix, type Prefix } from "../../wireguard/prefix.ts";
import type { AddressBook } from "../address-book.ts";

/** The networks that this machine is attached to, without loopback and without the tunnel's own interface. */
export function attachedNetworks(tunnel: string): readonly Prefix[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ internal, cidr }) => {
      if (internal || name === tunnel || cidr === null) return [];
      const address = parseInterfaceAddress(cidr);
      return address.ok ? [networkOf(address.value)] : [];
    }),
  );
}

export interface FactSources {
  readonly book: AddressBook;
  readonly lan: () => readonly Prefix[];
  readonly resolvers: () => readonly string[];
  /** Host of the control plane; undefined = not enrolled. */
  readonly controlPlane: string | undefined;
  /** The managed network's path, which names gateways and what they grant; null = none is known. */
  readonly path: ResolvedPath | null;
}

/** The facts as the checks take them. */
export function machineFacts({ book, lan, resolvers, controlPlane, path }: FactSources): MachineFacts {
  return {
    lan: lan(),
    dns: parsedAddresses(resolvers()),
    controlPlane: controlPlane === undefined ? [] : parsedAddresses(book.known(controlPlane)),
    ...(path === null ? {} : grantsOf(path)),
  };
}

/** What the gateways of a path grant: the network's private prefixes, and to be spoken to themselves. */
export function grantsOf(path: ResolvedPath): Pick<MachineFacts, "granted" | "grantedBy"> {
  const hops = [path, ...path.alternates]
    .flatMap(({ ingress, egress }) => [ingress, egress])
    .filter((hop) => hop !== undefined);
  const texts = [...path.tunnel.privatePrefixes, ...hops.flatMap(({ overlayAddresses }) => overlayAddresses)];
  const granted = texts.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix.ok ? [prefix.value] : [];
  });
  return { granted: [...new Set(granted)], grantedBy: new Set(hops.map(({ publicKey }) => publicKey)) };
}

/** The texts that are addresses. */
export function parsedAddresses(texts: readonly string[]): readonly Address[] {
  return texts.flatMap((text) => {
    const address = parseAddress(text);
    return address.ok ? [address.value] : [];
  });
}
