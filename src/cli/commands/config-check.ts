/** `nanami config check`: the verdict on a file, without an agent and without changing anything. */
import { reportOf } from "../../wireguard/config/check.ts";
import { maskSource } from "../../wireguard/config/masked-source.ts";
import { checkContainer, type CheckedContainer } from "../../wireguard/container/check.ts";
import { CONTAINER_LIMITS } from "../../wireguard/container/types.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import type { Session } from "../session.ts";
import { configReportView } from "../view/config-report.ts";

/** Checks a `.conf`, a zip archive of several or an image of a QR code; `-` is standard input. */
export async function checkFile(session: Session, file: string): Promise<ExitStatus> {
  const { files, columns, paint } = session.environment;
  const checked = await checkContainer(await files.read(file, CONTAINER_LIMITS.inputBytes));
  session.answer(answerOf(checked), () => {
    const documents = checked.documents.map((document) => ({
      ...document,
      ...reportOf(document),
      source: document.bytes === null ? null : maskSource(document.bytes),
    }));
    return configReportView(file === "-" ? "standard input" : session.safe(file), documents, columns, paint);
  });
  return checked.verdict === "refused" ? EXIT.no : EXIT.ok;
}

/** One report for one document; for an archive, `files` with a report and a name for each entry. */
function answerOf({ documents }: CheckedContainer): unknown {
  const [only] = documents;
  if (documents.length === 1 && only?.name === null) return reportOf(only);
  return { files: documents.map((document) => ({ name: document.name, ...reportOf(document) })) };
}
