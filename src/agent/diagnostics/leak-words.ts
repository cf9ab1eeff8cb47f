/** What the leak self-test says: one sentence for each thing that can be found. `{{fact}}` stands for a fact. */
import type { LeakCheck, LeakCheckCode } from "../../rpc/diagnostics.ts";
import type { Deviation } from "../../tunnel/types.ts";
import { deviationsSaid } from "../deviations-said.ts";

interface Words {
  readonly verdict: LeakCheck["verdict"];
  readonly message: string;
  readonly remedy?: string;
}

const LOOK = "Connect anew. If it stays, save the diagnostics and send them to your operator.";

/** What can be found. */
export const FOUND = {
  refused: {
    verdict: "good",
    message: "It was refused, and what an ordinary program sends goes into the tunnel or nowhere.",
  },
  let_out: {
    verdict: "bad",
    message: "A packet to {{target}} was let out by {{interface}}.",
    remedy: `Something on this machine opened the firewall. ${LOOK}`,
  },
  astray: {
    verdict: "bad",
    message: "A packet to {{target}} would leave by {{interface}}, outside the tunnel.",
    remedy: "A rule or route of another program stands before ours; the health checks name it. Remove it.",
  },
  not_promised: { verdict: "skipped", message: "In this mode it is not promised: it goes directly." },
  no_link: {
    verdict: "skipped",
    message: "This machine is attached to no network by which it could leave.",
  },
  no_way: {
    verdict: "skipped",
    message:
      "Nothing leads there from the networks that this machine is attached to, so nothing had to refuse it.",
  },
  untested: {
    verdict: "warning",
    message: "It could not be tried: {{reason}}.",
    remedy: "Look at the agent's log.",
  },
  no_private_prefixes: { verdict: "skipped", message: "There are no private prefixes." },
  resolver_ours: { verdict: "good", message: "Names are asked of {{servers}}." },
  resolver_kept: {
    verdict: "good",
    message: "The tunnel brings no resolver for this mode; the machine's own stays.",
  },
  resolver_waiting: {
    verdict: "warning",
    message: "Nobody was told yet to ask the tunnel's resolver.",
    remedy: "Test again in a moment.",
  },
  resolver_foreign: {
    verdict: "bad",
    message: "Names are not asked of the tunnel's resolver: {{reason}}",
    remedy: `Another program changed the resolver. ${LOOK}`,
  },
  answered: { verdict: "good", message: "{{address}} answered through the tunnel." },
  handshake: {
    verdict: "good",
    message: "The gateway shook hands {{seconds}} s ago; there is nothing inside that could be asked.",
  },
  silent: {
    verdict: "warning",
    message: "Nothing came back. Nothing leaks, and nothing arrives.",
    remedy: "Wait for the gateway to answer, or choose another one.",
  },
  closed: { verdict: "skipped", message: "Nothing is connected; lockdown keeps everything closed." },
  local_reachable: { verdict: "good", message: "{{networks}}: reachable, as the setting says." },
  local_refused: { verdict: "good", message: "It was refused, as the setting says." },
  local_let_out: {
    verdict: "bad",
    message: "A packet to {{target}} was let out by {{interface}}, and the setting says no.",
    remedy: LOOK,
  },
  local_closed: {
    verdict: "warning",
    message: "The setting allows it, and nothing of it is reachable.",
    remedy: "It may overlap with the private network, or use public addresses; those stay in the tunnel.",
  },
  local_untouched: { verdict: "skipped", message: "In this mode the local network is left as it is." },
} as const satisfies Record<string, Words>;
export type Found = keyof typeof FOUND;

const CHECKS: Readonly<Record<LeakCheckCode, readonly [title: string, tried: string]>> = {
  internet4: ["IPv4 past the tunnel", "Sent a packet to the Internet by each network, past the tunnel."],
  internet6: ["IPv6 past the tunnel", "Sent a packet to the IPv6 Internet by each network, past the tunnel."],
  private_network: ["Private network", "Sent packets for the private network by each other network."],
  underlay_resolver: ["DNS past the tunnel", "Asked the local network's resolver on ports 53 and 853."],
  system_resolver: ["Resolver", "Looked whom this machine asks for names."],
  tunnel: ["Tunnel", "Asked an address inside the tunnel for an echo."],
  local_network: ["Local network", "Compared what reaches the local network with the setting."],
};

/** One check's result in words. */
export function leakCheck(
  code: LeakCheckCode,
  found: Found,
  facts: Readonly<Record<string, string>> = {},
  changed: readonly Deviation[] = [],
): LeakCheck {
  const { verdict, message, remedy }: Words = FOUND[found];
  const [title, tried] = CHECKS[code];
  const sentence = message.replace(/\{\{(\w+)\}\}/g, (_, name: string) => facts[name] ?? "?");
  return {
    ...{ code, verdict, title, tried, found, facts },
    ...deviationsSaid(changed),
    ...{ message: sentence, remedy: remedy ?? null },
  };
}
