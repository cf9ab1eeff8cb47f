/** `nanami status`. */
import type { Snapshot } from "../../rpc/contract.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import type { Session } from "../session.ts";
import { statusView } from "../view/status.ts";
import { widthOf } from "../view/width.ts";

function exitOf({ tunnel }: Snapshot): ExitStatus {
  return tunnel.state === "connected" ? EXIT.ok : EXIT.no;
}

/** Shows the state once. Status 1 when not connected. */
export async function status(session: Session): Promise<ExitStatus> {
  const snapshot = await session.call("status", {});
  const { now, columns, paint } = session.environment;
  session.answer(snapshot, () => statusView(snapshot, now(), columns, paint));
  return exitOf(snapshot);
}

/** Shows the state and every change of it until Ctrl-C: redrawn on a terminal, else one after the other. */
export async function watchStatus(session: Session): Promise<ExitStatus> {
  const { environment, json } = session;
  const agent = await session.agent();
  const interruption = environment.interruption();
  let { snapshot } = await session.call("subscribe", {});
  let shown = "";
  const show = () => {
    if (json) {
      environment.out(`${JSON.stringify(snapshot)}\n`);
      return;
    }
    const text = statusView(snapshot, environment.now(), environment.columns, environment.paint);
    environment.out(environment.redraws ? `${rewind(shown, environment.columns)}${text}` : `${text}\n`);
    shown = text;
  };
  show();
  const stop = agent.onChanged(({ patch }) => {
    snapshot = { ...snapshot, ...session.safe(patch) } as Snapshot;
    show();
  });
  try {
    const interrupted = new Promise<void>((resolve) =>
      interruption.addEventListener("abort", () => resolve(), { once: true }),
    );
    await Promise.race([interrupted, session.lost()]);
  } finally {
    stop();
  }
  return exitOf(snapshot);
}

/** What moves the cursor back over `text`, lines that the terminal broke included, and clears from there. */
function rewind(text: string, columns: number): string {
  if (text === "") return "";
  const lines = text.split("\n").slice(0, -1);
  const height = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
  return `\u001b[${height}A\u001b[0J`;
}
