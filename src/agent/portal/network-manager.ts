/**
 * What NetworkManager knows of a sign-in page: its own check of connectivity, and the options of the DHCP lease that
 * it has. It keeps no lease in a file that others may read.
 */
import { z } from "zod";
import { onSystemBus, propertyOf, runs, variant, type Ask } from "../../tunnel/dns/bus.ts";

const SERVICE = "org.freedesktop.NetworkManager";
const ROOT = "/org/freedesktop/NetworkManager";
/** `NM_CONNECTIVITY_PORTAL`: its probe was answered by somebody in the way. */
const PORTAL = 2;

const Connectivity = variant(z.number());
const ObjectPath = variant(z.string().regex(/^\/[A-Za-z0-9_/]*$/));
const Options = variant(z.array(z.tuple([z.string(), z.unknown()])));

export interface NetworkManagerWord {
  /** Its probe met a captive portal. */
  readonly portal: boolean;
  /** DHCP option 114 of the primary connection, unchecked. */
  readonly text: string | null;
}

/** Asks it. Null where it does not run or does not answer. */
export async function askNetworkManager(): Promise<NetworkManagerWord | null> {
  try {
    return await onSystemBus(async (ask) => {
      if (!(await runs(ask, SERVICE))) return null;
      const connectivity = Connectivity.parse(await property(ask, ROOT, SERVICE, "Connectivity"));
      return { portal: connectivity === PORTAL, text: await optionText(ask).catch(() => null) };
    });
  } catch {
    return null;
  }
}

async function optionText(ask: Ask): Promise<string | null> {
  const primary = ObjectPath.parse(await property(ask, ROOT, SERVICE, "PrimaryConnection"));
  if (primary === "/") return null;
  const active = `${SERVICE}.Connection.Active`;
  const lease = ObjectPath.parse(await property(ask, primary, active, "Dhcp4Config"));
  if (lease === "/") return null;
  const options = Options.parse(await property(ask, lease, `${SERVICE}.DHCP4Config`, "Options"));
  // By this name it knows option 114, which was the "default URL" before RFC 8910.
  const option = options.find(([name]) => name === "default_url");
  return option === undefined ? null : variant(z.string()).parse(option[1]);
}

async function property(ask: Ask, path: string, of: string, name: string): Promise<unknown> {
  return await propertyOf(ask, { destination: SERVICE, path }, of, name);
}
