/**
 * Endpoints: where a peer listens. One strict grammar for files and for what a control plane sends:
 * `192.0.2.1:51820`, `[2001:db8::1]:51820` or `host.example:51820`.
 */
import { addressKind } from "./address-kind.ts";
import { familyOf, parseAddress, parseDecimal, type Address } from "./address.ts";
import { failure, success, type Result } from "./result.ts";

declare const hostNameBrand: unique symbol;
/** RFC 1123 host name in lower case, without the trailing dot. */
export type HostName = string & { readonly [hostNameBrand]: true };

export type Endpoint =
  | { readonly kind: "address"; readonly address: Address; readonly port: number }
  | { readonly kind: "name"; readonly name: HostName; readonly port: number };

export type EndpointCode =
  | "endpoint_syntax"
  | "endpoint_port"
  | "endpoint_address"
  | "endpoint_name"
  | "endpoint_local_name"
  | "endpoint_forbidden_address";

/** Parses `host:port` and refuses hosts that no peer can have (see `checkEndpointAddress`). */
export function parseEndpoint(text: string): Result<Endpoint, EndpointCode> {
  const split = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (split === null)
    return failure(
      "endpoint_syntax",
      "An endpoint is host:port, with an IPv6 address in brackets: 192.0.2.1:51820, [2001:db8::1]:51820, vpn.example.com:51820.",
    );
  const [, bracketed, plain = "", portText = ""] = split;
  const port = parsePort(portText);
  if (!port.ok) return port;
  if (bracketed !== undefined) {
    const address = parseAddress(bracketed);
    if (!address.ok) return failure("endpoint_address", address.message);
    if (familyOf(address.value) !== 6)
      return failure(
        "endpoint_address",
        "Brackets are for IPv6 addresses. Write the IPv4 address without them.",
      );
    return atAddress(address.value, port.value);
  }
  const address = parseAddress(plain);
  if (address.ok) return atAddress(address.value, port.value);
  const name = parseHostName(plain);
  if (!name.ok) return name;
  if (isLocalName(name.value))
    return failure(
      "endpoint_local_name",
      "This name means this very machine (or its cloud's metadata service), where no peer is. Write the peer's own name.",
    );
  return success({ kind: "name", name: name.value, port: port.value });
}

function atAddress(address: Address, port: number): Result<Endpoint, EndpointCode> {
  const allowed = checkEndpointAddress(address);
  return allowed.ok ? success({ kind: "address", address, port }) : allowed;
}

/**
 * Refuses addresses at which no peer can be: this machine, nobody, everybody, reserved space, a cloud's metadata
 * service. Also to be asked for each address that a name resolved to (DNS rebinding).
 */
export function checkEndpointAddress(address: Address): Result<Address, "endpoint_forbidden_address"> {
  const kind = addressKind(address);
  switch (kind) {
    case "unspecified":
    case "loopback":
    case "multicast":
    case "reserved":
    case "metadata":
      return failure(
        "endpoint_forbidden_address",
        `${FORBIDDEN[kind]} Write the address at which the peer listens.`,
      );
    case "link_local":
    case "private":
    case "shared":
    case "documentation":
    case "global":
      return success(address);
  }
}

const FORBIDDEN = {
  unspecified: "This is no address of any host (0.0.0.0/8 or ::).",
  loopback: "This is a loopback address: packets would go to a program on this machine.",
  multicast: "This is a multicast address: packets would go to a group, not to a peer.",
  reserved: "This address is reserved: no host may have it.",
  metadata: "This is the address at which a cloud hands out credentials.",
};

/** A decimal port from 1 to 65535, without sign, leading zeros or service name. */
export function parsePort(text: string): Result<number, "endpoint_port"> {
  const port = parseDecimal(text, 65535);
  return port === null || port === 0
    ? failure("endpoint_port", "A port is a decimal number from 1 to 65535, without sign or leading zeros.")
    : success(port);
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Resolvers take a name whose last label is a number for an address in a short, octal or hexadecimal form. */
const NUMERIC_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const LONGEST_NAME = 253;

/** Parses an RFC 1123 host name. Names that a resolver could take for an address are refused. */
export function parseHostName(text: string): Result<HostName, "endpoint_name"> {
  if (text.length > LONGEST_NAME) return failure("endpoint_name", "A host name has at most 253 characters.");
  const name = asciiLowerCase(text);
  const labels = name.split(".");
  if (!labels.every((label) => LABEL.test(label)))
    return failure(
      "endpoint_name",
      "This is no host name: labels of letters, digits and inner hyphens, at most 63 characters each, joined by single dots, no dot at the end.",
    );
  if (NUMERIC_LABEL.test(labels.at(-1) ?? ""))
    return failure(
      "endpoint_name",
      "This is neither a host name nor a full IPv4 address. Write four decimal numbers from 0 to 255 without leading zeros.",
    );
  return success(name as HostName);
}

/** Lower-cases A–Z alone; `toLowerCase` would turn the Kelvin sign into a k. */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Names of this machine (RFC 6761, and what distributions write into /etc/hosts) and of metadata services. */
function isLocalName(name: HostName): boolean {
  return (
    ["localhost.localdomain", "localhost6.localdomain6", "localhost4", "localhost6"].includes(name) ||
    ["ip6-localhost", "ip6-loopback", "metadata.google.internal", "instance-data.ec2.internal"].includes(
      name,
    ) ||
    name === "localhost" ||
    name.endsWith(".localhost")
  );
}

/** The endpoint as text, canonical. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "name") return `${endpoint.name}:${endpoint.port}`;
  const { address, port } = endpoint;
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
