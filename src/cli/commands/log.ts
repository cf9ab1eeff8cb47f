/** `nanami log` and `nanami diagnostics`. */
import { setTimeout as pause } from "node:timers/promises";
import type { Result } from "../../rpc/contract.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import type { Session } from "../session.ts";
import { logLineView } from "../view/log.ts";

const PAGE = 1000;
/** Milliseconds between looks for new lines. */
const LOOK_MS = 500;

/** Shows the lines that the agent keeps, and with `follow` those that come, until Ctrl-C. */
export async function showLog(session: Session, { follow }: { follow: boolean }): Promise<ExitStatus> {
  const { environment, json } = session;
  const stop = follow ? environment.interruption() : undefined;
  const all: Result<"readLog">["lines"] = [];
  let after = 0;
  for (;;) {
    const { lines, next } = await session.call("readLog", { after, limit: PAGE });
    after = next;
    if (json && !follow) all.push(...lines);
    else
      for (const line of lines)
        environment.out(json ? `${JSON.stringify(line)}\n` : logLineView(line, environment.paint));
    if (lines.length === PAGE) continue;
    if (stop === undefined) break;
    await pause(LOOK_MS, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) break;
  }
  if (json && !follow) session.answer({ lines: all }, () => "");
  return EXIT.ok;
}

/** Shows the diagnostics bundle, or writes it to a new file of mode 0600. */
export async function diagnostics(
  session: Session,
  options: { readonly hideNames: boolean; readonly out?: string },
): Promise<ExitStatus> {
  const hide = options.hideNames ? "secrets_and_names" : "secrets";
  const agent = await session.agent();
  const { sections } = await agent.call("diagnostics", { hide }, { timeoutMs: 0 });
  const shown = (body: string): string =>
    session.safe(body.trimEnd().replaceAll("\t", "  ").split("\n")).join("\n");
  const text = sections.map((section) => `== ${section.name}\n${shown(section.text)}\n`).join("\n");
  if (options.out === undefined) {
    session.answer({ sections }, () => text);
    return EXIT.ok;
  }
  const { out } = options;
  const content = session.json ? JSON.stringify({ sections }, undefined, 2) : text;
  await session.environment.files.create(out, Buffer.from(content));
  session.answer({ out }, () => `Wrote ${session.safe(out)}.\n`);
  session.note(
    "Read it before you hand it on. Keys and tokens are left out; addresses and names only with --hide-names.",
  );
  return EXIT.ok;
}
