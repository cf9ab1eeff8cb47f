/** `nanami config import` and `edit`: what the agent reports is shown, and saved when the person says yes. */
import type { ImportReport } from "../../rpc/profiles.ts";
import { CATALOGUE, type FindingCode } from "../../wireguard/config/catalogue.ts";
import { CONTAINER_LIMITS } from "../../wireguard/container/types.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import { nameFromFile, profileNamed, profileWord } from "../profile-named.ts";
import { Refused, UsageError } from "../problem.ts";
import type { Session } from "../session.ts";
import { configReportView, type ShownDocument } from "../view/config-report.ts";
import { profilesView } from "../view/profiles.ts";

/** Shows a report to people. Programs get it with the answer. */
function show(session: Session, file: string, report: ImportReport): void {
  if (session.json) return;
  const { columns, paint, out } = session.environment;
  const documents = report.documents.map((document): ShownDocument => ({
    ...document,
    findings: document.findings.map((finding) => ({ ...finding, code: codeOf(finding.code) })),
  }));
  out(`${configReportView(file, documents, columns, paint)}\n`);
}

/** An agent of another version may know more codes than this program; the sentence is told anyhow. */
function codeOf(code: string): FindingCode {
  if (Object.hasOwn(CATALOGUE, code)) return code as FindingCode;
  throw new Refused(
    "agent_mismatch",
    `the agent speaks of "${code}", which this program does not know`,
    "Update both to the same version.",
  );
}

/** Imports what is acceptable of a file, after showing what it asks for. */
export async function importFile(
  session: Session,
  file: string,
  options: { readonly name?: string; readonly yes?: boolean },
): Promise<ExitStatus> {
  const bytes = await session.environment.files.read(file, CONTAINER_LIMITS.inputBytes);
  const report = await session.call("importBytes", { bytes: Buffer.from(bytes).toString("base64") }, true);
  show(session, file === "-" ? "standard input" : session.safe(file), report);
  const acceptable = [...report.documents.entries()].filter(([, { config }]) => config !== null);
  if (acceptable.length === 0) {
    session.answer({ report, profiles: [] }, () => "Nothing was imported.\n");
    return EXIT.no;
  }
  if (options.name !== undefined && acceptable.length > 1)
    throw new UsageError(`--name is for one configuration, and this file holds ${acceptable.length}`);
  const choices = acceptable.map(([index, { name }]) => ({
    index,
    name: options.name ?? nameFromFile(name ?? file),
  }));
  const names = choices.map(({ name }) => name).join(", ");
  const refused = report.documents.filter(({ verdict }) => verdict === "refused").length;
  const rest = refused === 0 ? "" : ` (${refused} refused and not imported)`;
  if (!(await session.agree(`Import as ${names}${rest}?`, options.yes === true))) {
    session.note("Nothing was imported.");
    return EXIT.no;
  }
  const profiles = await session.call("confirmImport", { digest: report.digest, choices });
  const { columns, paint } = session.environment;
  session.answer({ report, profiles }, () => `Imported\n\n${profilesView(profiles, null, columns, paint)}`);
  const [first] = profiles;
  if (first !== undefined) session.note(`Connect: ${session.nanami} up --profile ${profileWord(first)}`);
  return refused === 0 ? EXIT.ok : EXIT.no;
}

/** Changes the text of a profile: in an editor, or to that of a file. Secrets stand in it as `(kept)`. */
export async function edit(
  session: Session,
  text: string,
  options: { readonly file?: string; readonly yes?: boolean },
): Promise<ExitStatus> {
  const { files } = session.environment;
  const { id } = profileNamed(text, await session.call("listProfiles", {}), session.nanami);
  // Not through `call`: the text is edited as it is, and never shown on the terminal by this program.
  const shown = await (await session.agent()).call("showProfile", { id });
  let edited = shown.text;
  for (;;) {
    edited =
      options.file === undefined
        ? await files.edit(edited)
        : Buffer.from(await files.read(options.file, CONTAINER_LIMITS.entryBytes)).toString("utf8");
    if (edited === shown.text) {
      session.answer({ report: null, profile: shown.profile }, () => "Nothing was changed.\n");
      return EXIT.ok;
    }
    const report = await session.call("checkEdit", { id, text: edited });
    show(session, session.safe(shown.profile.name), report);
    if (report.verdict !== "refused") return save(session, id, report, options.yes === true);
    const again =
      options.file === undefined &&
      session.environment.ask !== undefined &&
      (await session.environment.ask("The text is refused. Edit it again?"));
    if (!again) {
      session.answer({ report, profile: shown.profile }, () => "Nothing was changed.\n");
      return EXIT.no;
    }
  }
}

async function save(session: Session, id: string, report: ImportReport, yes: boolean): Promise<ExitStatus> {
  if (!(await session.agree("Save this?", yes))) {
    session.note("Nothing was changed.");
    return EXIT.no;
  }
  const profile = await session.call("confirmEdit", { id, digest: report.digest });
  session.answer({ report, profile }, () => `Saved ${profile.name}.\n`);
  return EXIT.ok;
}
