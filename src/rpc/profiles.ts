/**
 * The part of the agent's contract that is about profiles: WireGuard files from anywhere, checked before anything is
 * saved and never trusted (Limited Mode). Bytes go in, a report comes out; what was reported is saved when the
 * report's digest is confirmed. No answer but `exportProfiles` ever contains a private or preshared key.
 */
import * as z from "zod/mini";
import { Id, Name, PrefixText, TrafficMode } from "../routing/schema.ts";
import { Said } from "./said.ts";

/** Bytes as they cross the socket. An import has 5 MiB at most. */
const Bytes = z.base64().check(z.maxLength(7 * 1024 * 1024));
/** Of the bytes that were reported on: SHA-256, lower-case hexadecimal. */
const Digest = z.string().check(z.regex(/^[0-9a-f]{64}$/, "not a SHA-256 digest"));

export const ConfigFinding = z.strictObject({
  severity: z.enum(["error", "warning", "info"]),
  /** Stable; all of them are in docs/findings.md. */
  code: z.string(),
  /** From 1; columns in bytes. */
  line: z.int(),
  column: z.int(),
  /** What, why it matters, what to do; below, one by one. Never text of the file. */
  message: z.string(),
  what: z.optional(z.string()),
  why: z.optional(z.string()),
  remedy: z.optional(z.string()),
});

const Verdict = z.enum(["accepted", "accepted_with_changes", "refused"]);

/** A configuration without its secrets. */
export const ShownConfig = z.strictObject({
  interface: z.strictObject({
    addresses: z.array(z.string()),
    dns: z.array(z.string()),
    searchDomains: z.array(z.string()),
    mtu: z.nullable(z.number()),
    listenPort: z.nullable(z.number()),
  }),
  peers: z.array(
    z.strictObject({
      publicKey: z.string(),
      hasPresharedKey: z.boolean(),
      endpoint: z.nullable(z.string()),
      allowedIps: z.array(z.string()),
      persistentKeepalive: z.nullable(z.number()),
    }),
  ),
});

/** What connecting would steer: all traffic or prefixes, after narrowing. */
const Steers = z.strictObject({ mode: TrafficMode, prefixes: z.array(z.string()), narrowed: z.boolean() });

export const DocumentReport = z.strictObject({
  /** Of an archive's entry, for people; null where there is only one document. */
  name: z.nullable(z.string()),
  verdict: Verdict,
  /** The first fifty. */
  findings: z.array(ConfigFinding),
  findingCount: z.int(),
  /** null when the document is refused or left out. */
  config: z.nullable(ShownConfig),
  /** What it says that connecting will not use, in sentences. */
  unused: z.array(z.string()),
  /** The same by code (`UNUSED`). */
  unusedSaid: z.optional(z.array(Said)),
  /** What connecting it would steer; null when there is no config. */
  steers: z.nullable(Steers),
  /**
   * The first lines as they may be shown, without keys and comments: a finding of line n is about element n - 1, and
   * its column counts the characters of that. Findings of later lines have none here. null when there is no text, or far too much. */
  source: z.nullable(z.array(z.string())),
});

export const ImportReport = z.strictObject({
  digest: Digest,
  format: z.enum(["text", "zip", "png", "jpeg", "unknown"]),
  /** The worst of the documents'. */
  verdict: Verdict,
  documents: z.array(DocumentReport),
  /** Until then it can be confirmed. */
  heldUntil: z.iso.datetime(),
});
export type ImportReport = z.infer<typeof ImportReport>;

export const Profile = z.strictObject({
  id: Id,
  name: Name,
  /** Whether it belongs to who asks. */
  own: z.boolean(),
  /** An administrator gave it to all users who may use the agent. */
  shared: z.boolean(),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  config: ShownConfig,
  /** What it says that connecting will not use, in sentences. */
  unused: z.array(z.string()),
  /** The same by code (`UNUSED`). */
  unusedSaid: z.optional(z.array(Said)),
  steers: Steers,
});
export type Profile = z.infer<typeof Profile>;

const one = z.strictObject({ id: Id });

/** Requests about profiles: name → schema of its parameters and of its answer. */
export const profileMethods = {
  /** Reports on bytes from anywhere and holds them for a few minutes; saves nothing. */
  importBytes: { params: z.strictObject({ bytes: Bytes }), result: ImportReport },
  /** Saves what was reported under this digest: the documents that are chosen by their place in the report. */
  confirmImport: {
    params: z.strictObject({
      digest: Digest,
      choices: z
        .array(z.strictObject({ index: z.int().check(z.gte(0), z.lte(1000)), name: Name }))
        .check(z.minLength(1), z.maxLength(100)),
    }),
    result: z.array(Profile),
  },
  listProfiles: { params: z.strictObject({}), result: z.array(Profile) },
  /** The profile with its text, in which each secret stands as `(kept)`. */
  showProfile: { params: one, result: z.strictObject({ profile: Profile, text: z.string() }) },
  renameProfile: { params: z.strictObject({ id: Id, name: Name }), result: Profile },
  /** Reports on a new text of a profile and holds it; `(kept)` stands for the secret that is there. */
  checkEdit: {
    params: z.strictObject({ id: Id, text: z.string().check(z.maxLength(128 * 1024)) }),
    result: ImportReport,
  },
  /** Saves the text that was reported under this digest. */
  confirmEdit: { params: z.strictObject({ id: Id, digest: Digest }), result: Profile },
  duplicateProfile: { params: z.strictObject({ id: Id, name: z.optional(Name) }), result: Profile },
  /** Steers only these prefixes, each inside what the profile asks for; null = all that it asks for. */
  narrowProfile: {
    params: z.strictObject({
      id: Id,
      prefixes: z.nullable(z.array(PrefixText).check(z.minLength(1), z.maxLength(256))),
    }),
    result: Profile,
  },
  shareProfile: { params: z.strictObject({ id: Id, shared: z.boolean() }), result: Profile },
  /** Secrets included, for the owner alone: one text, one archive of several, or an image of a QR code. */
  exportProfiles: {
    params: z.strictObject({
      ids: z.array(Id).check(z.minLength(1), z.maxLength(100)),
      format: z.enum(["conf", "zip", "qr"]),
    }),
    result: z.strictObject({ bytes: Bytes }),
  },
  /** Removes a profile; until then it can be restored. */
  removeProfile: { params: one, result: z.strictObject({ restorableUntil: z.iso.datetime() }) },
  restoreProfile: { params: one, result: Profile },
  /** The asker's own removed profiles that can be restored. */
  removedProfiles: { params: z.strictObject({}), result: z.array(Profile) },
} as const;
