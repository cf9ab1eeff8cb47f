/** `nanami route` and `nanami doctor`. */
import { EXIT, type ExitStatus } from "../environment.ts";
import type { Session } from "../session.ts";
import { doctorView } from "../view/doctor.ts";
import { routeView } from "../view/route.ts";

/** Shows where traffic to an address or a name goes and why. Status 1 when the kernel does otherwise. */
export async function explainRoute(session: Session, target: string): Promise<ExitStatus> {
  const explanation = await session.call("explainRoute", { target }, true);
  const { columns, paint } = session.environment;
  session.answer(explanation, () => routeView(explanation, columns, paint));
  return explanation.routes.every(({ agrees }) => agrees) ? EXIT.ok : EXIT.no;
}

/** Shows a plain verdict for each check, and for each attempt to get past what is promised. Status 1 when one fails. */
export async function doctor(session: Session): Promise<ExitStatus> {
  const { healthy, checks } = await session.call("checkHealth", {}, true);
  const leaks = await session.call("testLeaks", {}, true);
  const well = healthy && leaks.checks.every(({ verdict }) => verdict !== "bad");
  const { columns, paint } = session.environment;
  session.answer({ healthy: well, checks, leaks }, () => doctorView(checks, leaks, columns, paint));
  return well ? EXIT.ok : EXIT.no;
}
