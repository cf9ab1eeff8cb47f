/** `nanami route` for people. */
import type { Result } from "../../rpc/contract.ts";
import type { Paint } from "./paint.ts";
import { facts } from "./table.ts";
import { paragraph } from "./width.ts";

type Explanation = Result<"explainRoute">;
type Route = Explanation["routes"][number];

const WAYS = {
  tunnel: "goes through the tunnel",
  direct: "goes directly, outside the tunnel",
  local: "goes to the local network",
  loopback: "stays on this machine",
  refused: "goes nowhere",
} as const satisfies Record<Route["actual"]["way"], string>;

function actualText({ way, table, interface: dev, gateway, source }: Route["actual"]): string {
  const words = [
    ...(dev === null ? [] : [`by ${dev}`]),
    ...(gateway === null ? [] : [`via ${gateway}`]),
    ...(source === null ? [] : [`from ${source}`]),
    ...(table === "-" ? [] : [`table ${table}`]),
  ];
  return words.length === 0 ? WAYS[way] : `${WAYS[way]} (${words.join(", ")})`;
}

function decisionText({ rule, table, prefix }: Route["expected"]): string {
  return [
    ...(rule === null ? [] : [`rule ${rule}`]),
    table === "firewall" ? "the firewall" : `table ${table}`,
    ...(prefix === null ? [] : [`route ${prefix}`]),
  ].join(", ");
}

/** Where each address goes, what decides it, and whether the kernel agrees. */
export function routeView(explanation: Explanation, columns: number, paint: Paint): string {
  const blocks = explanation.routes.map(({ address, expected, actual, agrees }) => {
    const head = paragraph(`${address} ${WAYS[expected.way]}`, columns);
    const verdict = agrees
      ? "as it should be"
      : `DISAGREES: ${WAYS[actual.way]}. See what is wrong: nanami doctor`;
    return (
      paint[agrees ? "strong" : "bad"](head) +
      facts(
        [
          ["why", expected.reason],
          [
            "name",
            explanation.dns === null ? undefined : `${explanation.target}, asked of ${explanation.dns}`,
          ],
          ["decided by", explanation.decidedBy],
          ["by", decisionText(expected)],
          ["gateways", expected.hops.length === 0 ? undefined : expected.hops.join(" → ")],
          ["kernel", actualText(actual)],
          ["verdict", verdict],
        ],
        columns,
        paint,
      )
    );
  });
  return blocks.join("\n");
}
