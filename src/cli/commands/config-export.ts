/** `nanami config export`: the one act that lets keys out, into a file of its own that nobody else may read. */
import { EXIT, type ExitStatus } from "../environment.ts";
import { profileNamed } from "../profile-named.ts";
import { UsageError } from "../problem.ts";
import type { Session } from "../session.ts";

export const EXPORT_FORMATS = ["conf", "zip", "qr"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

function formatOf(out: string, count: number): ExportFormat {
  if (/\.zip$/i.test(out) || count > 1) return "zip";
  return /\.png$/i.test(out) ? "qr" : "conf";
}

/** Writes profiles, keys included, to a new file of mode 0600. */
export async function exportProfiles(
  session: Session,
  names: readonly string[],
  options: { readonly out: string; readonly format?: ExportFormat; readonly yes?: boolean },
): Promise<ExitStatus> {
  const { out } = options;
  const format = options.format ?? formatOf(out, names.length);
  if (format !== "zip" && names.length > 1)
    throw new UsageError("several profiles go into a zip archive alone: --format zip");
  const all = await session.call("listProfiles", {});
  const profiles = names.map((name) => profileNamed(name, all, session.nanami));
  const agreed = await session.agree(
    `The file will hold the private keys of ${profiles.map(({ name }) => name).join(", ")}: ` +
      "whoever has it can use the tunnel as you. Write it?",
    options.yes === true,
  );
  if (!agreed) {
    session.note("Nothing was written.");
    return EXIT.no;
  }
  const { bytes } = await session.call("exportProfiles", { ids: profiles.map(({ id }) => id), format });
  await session.environment.files.create(out, Buffer.from(bytes, "base64"));
  session.answer(
    { out, format, profiles: profiles.map(({ id }) => id) },
    () => `Wrote ${session.safe(out)}.\n`,
  );
  session.note(
    "It holds private keys and only you may read it. Hand it on by a way you trust, then delete it.",
  );
  return EXIT.ok;
}
