/**
 * Fills a control plane with the demo world's objects, through its public API and nothing else, as the people would
 * who run it.
 */
import type { z } from "zod";
import type { Answer, ApiClient, Method } from "../api/client.ts";
import {
  CreatedEnrollmentKey,
  CreatedUser,
  CreatedWorkspace,
  Gateways,
  Network,
  type CreateEnrollmentKey,
  type CreateNetwork,
  type GatewayAccess,
} from "../api/http.ts";
import { GATEWAYS, NETWORKS, PRIVATE_RESOLVER, WIREGUARD_PORT, type GatewaySite } from "./demo-places.ts";

export interface Seed {
  /** Tokens of the two workspaces' operators. */
  readonly operators: { readonly acme: string; readonly globex: string };
  /** Ids of the networks; `globex` is globex' own *corp*. */
  readonly networks: { readonly corp: string; readonly lab: string; readonly globex: string };
  /** The laptop's owner, a member of acme. */
  readonly member: { readonly id: string; readonly token: string };
  /** Enrolment links of the gateways, by name. */
  readonly gatewayLinks: ReadonlyMap<string, string>;
}

/** The body of a successful answer. Throws with the control plane's own words otherwise. */
export function bodyOf<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.body;
  const errors = answer.kind === "refused" ? (answer.problem.errors ?? []) : [];
  throw new Error([answer.message, ...errors.map((one) => `${one.pointer}: ${one.message}`)].join("; "));
}

/** One request whose answer has to be a success. */
export async function request<T>(
  client: ApiClient,
  method: Method,
  path: string,
  answer: z.core.$ZodType<T>,
  body?: unknown,
): Promise<T> {
  return bodyOf(await client.call({ method, path, answer, body }));
}

/** Makes both workspaces, their networks, the laptop's owner and a link for every gateway. */
export async function seed(client: ApiClient, bootstrapToken: string): Promise<Seed> {
  const createWorkspace = (by: ApiClient, name: string) =>
    request(by, "POST", "/workspaces", CreatedWorkspace, { name });
  const acmeToken = (await createWorkspace(client.as(bootstrapToken), "acme")).operatorToken;
  const acme = client.as(acmeToken);
  const globexToken = (await createWorkspace(acme, "globex")).operatorToken;
  const globex = client.as(globexToken);

  const createNetwork = async (by: ApiClient, body: z.input<typeof CreateNetwork>) =>
    (await request(by, "POST", "/networks", Network, body)).id;
  const networks = {
    corp: await createNetwork(acme, {
      name: "corp",
      overlayPrefixes: [...NETWORKS.corp.overlayPrefixes],
      privatePrefixes: [...NETWORKS.corp.privatePrefixes],
      dns: {
        servers: [PRIVATE_RESOLVER.v4, PRIVATE_RESOLVER.v6],
        matchDomains: [PRIVATE_RESOLVER.domain],
      },
    }),
    lab: await createNetwork(acme, {
      name: "lab",
      overlayPrefixes: [...NETWORKS.lab.overlayPrefixes],
      privatePrefixes: [...NETWORKS.lab.privatePrefixes],
    }),
    globex: await createNetwork(globex, {
      name: "corp",
      overlayPrefixes: [...NETWORKS.globex.overlayPrefixes],
      privatePrefixes: [...NETWORKS.globex.privatePrefixes],
    }),
  };
  const { user, token } = await request(acme, "POST", "/users", CreatedUser, { name: "Aoi" });

  const gatewayLinks = new Map<string, string>();
  for (const site of GATEWAYS) {
    const own = site.workspace === "globex";
    const network = own ? networks.globex : networks[site.network];
    gatewayLinks.set(site.name, await createLink(own ? globex : acme, network, gatewayKey(site)));
  }
  return {
    operators: { acme: acmeToken, globex: globexToken },
    networks,
    member: { id: user.id, token },
    gatewayLinks,
  };
}

function gatewayKey(site: GatewaySite): z.input<typeof CreateEnrollmentKey> {
  return {
    for: "gateway",
    name: site.name,
    region: site.region,
    roles: [...site.roles],
    endpoint: `${site.v4}:${WIREGUARD_PORT}`,
    publicAddresses: [site.v4, site.v6],
  };
}

/** A single-use enrolment link for a gateway or a device. */
export async function createLink(
  operator: ApiClient,
  networkId: string,
  body: z.input<typeof CreateEnrollmentKey>,
): Promise<string> {
  const path = `/networks/${networkId}/enrollment-keys`;
  return (await request(operator, "POST", path, CreatedEnrollmentKey, body)).link;
}

/** The gateways of a network as the caller sees them, by name. */
export async function gatewaysOf(client: ApiClient, networkId: string) {
  const { gateways } = await request(client, "GET", `/networks/${networkId}/gateways`, Gateways);
  return new Map(gateways.map((one) => [one.name, one]));
}

/** Says who may use a gateway, whatever was said before. */
export async function allow(
  operator: ApiClient,
  networkId: string,
  gatewayId: string,
  access: z.input<typeof GatewayAccess>["allow"],
): Promise<void> {
  const path = `/networks/${networkId}/gateways/${gatewayId}/access`;
  await overwrite(operator, path, { allow: access });
}

/** Puts something in place of what is stored now, as somebody does who has just looked at it (`seenAt`). */
export async function overwrite(
  client: ApiClient,
  path: string,
  body: unknown,
  seenAt: string = path,
): Promise<void> {
  const seen = await client.call({ method: "GET", path: seenAt, answer: null });
  bodyOf(seen);
  const ifMatch = seen.ok ? (seen.etag ?? undefined) : undefined;
  bodyOf(await client.call({ method: "PUT", path, body, ifMatch, answer: null }));
}
