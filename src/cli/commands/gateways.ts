/** `nanami gateways`. */
import { EXIT, type ExitStatus } from "../environment.ts";
import type { Session } from "../session.ts";
import { gatewaysView } from "../view/gateways.ts";

/** Shows the candidates with health, round-trip time and what each may be used for. */
export async function showGateways(session: Session): Promise<ExitStatus> {
  const rows = await session.call("gateways", {});
  const { columns, paint } = session.environment;
  session.answer(rows, () => gatewaysView(rows, columns, paint));
  return EXIT.ok;
}
