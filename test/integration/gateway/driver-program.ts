/**
 * Runs a gateway's driver on a host of the lab, without an agent around it. Standard input: one JSON request a
 * line; standard output: one JSON answer a line. Usage: `driver-program.ts <interface> <private key>`.
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { GatewayState } from "../../../src/api/events.ts";
import { Driver } from "../../../src/gateway/apply.ts";
import { checkState } from "../../../src/gateway/check-state.ts";
import { derivePublicKey, parsePrivateKey } from "../../../src/wireguard/keys.ts";

const Request = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("apply"), state: GatewayState.nullable() }),
  z.strictObject({ do: z.literal("problem"), state: GatewayState.nullable() }),
  z.strictObject({ do: z.literal("refusals") }),
]);

const [interfaceName = "", keyText = ""] = parseArgs({ allowPositionals: true }).positionals;
const key = parsePrivateKey(keyText);
if (!key.ok) throw new Error(key.message);
const publicKey = derivePublicKey(key.value);
const driver = new Driver(interfaceName, key.value);

async function answer(line: string): Promise<unknown> {
  const request = Request.parse(JSON.parse(line));
  if (request.do === "refusals") {
    const { byReason, byAddress } = await driver.refusals();
    return { byReason: Object.fromEntries(byReason), byAddress: Object.fromEntries(byAddress) };
  }
  const { state } = request;
  const verdict =
    state === null
      ? ({ ok: true, state: null, refused: [] } as const)
      : checkState(state, { deviceId: state.deviceId, networkId: state.networkId, publicKey });
  if (!verdict.ok) return { applied: false, refused: verdict.refused };
  if (request.do === "problem") return { problem: await driver.problem(verdict.state) };
  const started = performance.now();
  await driver.apply(verdict.state);
  return { applied: true, refused: verdict.refused, ms: performance.now() - started };
}

for await (const line of createInterface(process.stdin)) {
  try {
    console.log(JSON.stringify(await answer(line)));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}
