/**
 * The service of profiles: import, edit, share, export, remove with undo. A profile belongs to the user who imported
 * it; whose profile one may not see does not exist for them.
 */
import type { Params, Result } from "../../rpc/contract.ts";
import type { Handlers } from "../../rpc/server.ts";
import type { ImportReport, Profile, profileMethods } from "../../rpc/profiles.ts";
import { checkConfig } from "../../wireguard/config/check.ts";
import type { MachineFacts } from "../../wireguard/config/check-meaning.ts";
import { verdictOf } from "../../wireguard/config/finding.ts";
import { SecretParts } from "../../wireguard/config/secret-parts.ts";
import type { TunnelConfig } from "../../wireguard/config/types.ts";
import { writeConfig } from "../../wireguard/config/writer.ts";
import { checkContainer } from "../../wireguard/container/check.ts";
import { writeQr } from "../../wireguard/container/qr.ts";
import { writeZip } from "../../wireguard/container/write.ts";
import { parsePrefix } from "../../wireguard/prefix.ts";
import type { Peer } from "../authorization.ts";
import { refuse } from "../refuse.ts";
import { editableText, withSecrets } from "./editing.ts";
import { digestOf, ImportDesk } from "./import-desk.ts";
import { Busy, Opener } from "./opening.ts";
import { RESTORABLE_MS, type ProfileStore } from "./profile-store.ts";
import { shownDocument, shownProfile } from "./shown.ts";
import { beyond } from "./steering.ts";
import type { ProfileRecord } from "./stored.ts";

export interface ProfilesOptions {
  readonly store: ProfileStore;
  /** What is known about this machine, for the report. */
  readonly facts: () => MachineFacts;
  /** The profile that is connected; null = none. */
  readonly active: () => string | null;
  /** Told after a profile was added or changed. */
  readonly onChange: () => void;
  readonly now?: () => number;
}

type ProfileHandlers = Pick<Handlers<Peer>, keyof typeof profileMethods>;

/** See the file's head. Who may ask for what at all was decided before (`authorization.ts`). */
export class Profiles {
  readonly #options: ProfilesOptions;
  readonly #store: ProfileStore;
  readonly #desk: ImportDesk;
  readonly #now: () => number;
  readonly #opener = new Opener();
  #saving: Promise<unknown> = Promise.resolve();

  constructor(options: ProfilesOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#now = options.now ?? Date.now;
    this.#desk = new ImportDesk(this.#now);
  }

  readonly handlers: ProfileHandlers = {
    importBytes: ({ bytes }, peer) => this.#import(Buffer.from(bytes, "base64"), peer),
    confirmImport: (params, peer) => this.#inTurn(() => this.#confirmImport(params, peer)),
    listProfiles: (_, peer) =>
      this.#inTurn(() => this.#visible(peer).map((record) => shownProfile(record, peer.uid))),
    showProfile: ({ id }, peer) =>
      this.#inTurn(() => {
        const record = this.find(id, peer);
        return { profile: shownProfile(record, peer.uid), text: editableText(record.config) };
      }),
    renameProfile: ({ id, name }, peer) =>
      this.#inTurn(() => {
        const record = this.#owned(id, peer);
        return this.#change(record, { name: tellsNothing(name, record.config) }, peer);
      }),
    checkEdit: (params, peer) => this.#inTurn(() => this.#checkEdit(params, peer)),
    confirmEdit: (params, peer) => this.#inTurn(() => this.#confirmEdit(params, peer)),
    duplicateProfile: (params, peer) => this.#inTurn(() => this.#duplicate(params, peer)),
    narrowProfile: (params, peer) => this.#inTurn(() => this.#narrow(params, peer)),
    shareProfile: ({ id, shared }, peer) =>
      this.#inTurn(() => this.#change(this.find(id, peer), { shared }, peer)),
    exportProfiles: (params, peer) => this.#inTurn(() => this.#export(params, peer)),
    removeProfile: ({ id }, peer) => this.#inTurn(() => this.#remove(id, peer)),
    restoreProfile: ({ id }, peer) => this.#inTurn(() => this.#restore(id, peer)),
    removedProfiles: (_, peer) =>
      this.#inTurn(() =>
        this.#store
          .removed()
          .filter((record) => mayChange(record, peer))
          .map((record) => shownProfile(record, peer.uid)),
      ),
  };

  /** A profile that this user may see and connect. Refuses as if it did not exist otherwise. */
  find(id: string, peer: Peer): ProfileRecord {
    return (
      this.#visible(peer).find((record) => record.id === id) ??
      refuse(
        ["not_found", "profile_unknown"],
        "There is no such profile.",
        "See what there is: nanami config list",
      )
    );
  }

  #visible(peer: Peer): readonly ProfileRecord[] {
    return this.#store.all().filter((record) => record.shared || mayChange(record, peer));
  }

  /** A profile that this user may change: their own, or any for root. */
  #owned(id: string, peer: Peer): ProfileRecord {
    const record = this.find(id, peer);
    if (!mayChange(record, peer))
      refuse(
        ["not_permitted", "profile_of_another"],
        "This profile belongs to another user: you may connect it, and not change or copy it.",
        "Ask its owner.",
      );
    return record;
  }

  async #import(bytes: Uint8Array, peer: Peer): Promise<ImportReport> {
    const checked = await checkContainer(bytes, this.#options.facts(), (one) => this.#opener.open(one)).catch(
      (error: unknown) => {
        if (error instanceof Busy)
          refuse(["unavailable", "images_busy"], "Several images are being read already.", "Try again.");
        throw error;
      },
    );
    const digest = digestOf(bytes);
    const until = this.#desk.hold(
      peer.uid,
      null,
      digest,
      checked.documents.map(({ config }) => config),
    );
    return {
      digest,
      format: checked.format,
      verdict: checked.verdict,
      documents: checked.documents.map((document) => shownDocument(document)),
      heldUntil: new Date(until).toISOString(),
    };
  }

  async #confirmImport({ digest, choices }: Params<"confirmImport">, peer: Peer): Promise<Profile[]> {
    const documents = this.#desk.find(peer.uid, null, digest) ?? this.#notHeld();
    if (new Set(choices.map(({ index }) => index)).size < choices.length)
      refuse(["bad_request", "chosen_twice"], "A document was chosen twice.");
    const wanted = choices.map(({ index, name }) => {
      const config = documents[index];
      if (config == null)
        refuse(
          ["refused", "document_refused", { number: String(index + 1) }],
          `Document ${index + 1} of what was handed in was refused or left out.`,
        );
      return { config, name };
    });
    this.#needRoom(
      peer.uid,
      wanted.map(({ config }) => config),
    );
    const records = wanted.map(({ config, name }) => this.#newRecord(config, name, null, peer));
    await this.#store.addAll(records);
    this.#options.onChange();
    this.#desk.forget(peer.uid, null, digest);
    return records.map((record) => shownProfile(record, peer.uid));
  }

  #notHeld(): never {
    return refuse(
      ["conflict", "report_expired"],
      "No report on these bytes waits for a yes: what was handed in is not what was shown, or it was too long ago.",
      "Hand it in again and read the report.",
    );
  }

  #needRoom(owner: number, configs: readonly TunnelConfig[], replaced?: string): void {
    if (!this.#store.hasRoom(owner, configs, replaced))
      refuse(
        ["refused", "no_room"],
        "There is no room for more profiles of yours.",
        "Remove some that you do not need.",
      );
  }

  #newRecord(
    config: TunnelConfig,
    name: string,
    narrowed: ProfileRecord["narrowed"],
    peer: Peer,
  ): ProfileRecord {
    const at = this.#time();
    return {
      version: 1,
      id: this.#store.newId(),
      name: tellsNothing(name, config),
      owner: peer.uid,
      shared: false,
      createdAt: at,
      changedAt: at,
      removedAt: null,
      narrowed,
      config,
    };
  }

  async #change(record: ProfileRecord, change: Partial<ProfileRecord>, peer: Peer): Promise<Profile> {
    const changed = { ...record, ...change, changedAt: this.#time() };
    await this.#store.save(changed);
    this.#options.onChange();
    return shownProfile(changed, peer.uid);
  }

  #checkEdit({ id, text }: Params<"checkEdit">, peer: Peer): ImportReport {
    const record = this.#owned(id, peer);
    const typed = Buffer.from(text);
    const bytes = Buffer.from(withSecrets(text, record.config));
    const document = { name: null, bytes, ...checkConfig(bytes, this.#options.facts()) };
    const digest = digestOf(typed);
    const until = this.#desk.hold(peer.uid, versionOf(record), digest, [document.config]);
    return {
      digest,
      format: "text",
      verdict: verdictOf(document.findings),
      documents: [shownDocument(document, typed)],
      heldUntil: new Date(until).toISOString(),
    };
  }

  async #confirmEdit({ id, digest }: Params<"confirmEdit">, peer: Peer): Promise<Profile> {
    const record = this.#owned(id, peer);
    const documents = this.#desk.find(peer.uid, versionOf(record), digest) ?? this.#notHeld();
    const [config] = documents;
    if (config == null)
      refuse(["refused", "text_refused"], "This text was refused.", "Correct what the report says.");
    this.#needRoom(record.owner, [config], id);
    const stillAsked = record.narrowed === null || beyond(config, record.narrowed).length === 0;
    // An administrator shared what they had seen; what its owner makes of it later, nobody else shall connect.
    const shared = record.shared && peer.uid === 0;
    return this.#change(record, { config, narrowed: stillAsked ? record.narrowed : null, shared }, peer);
  }

  async #duplicate({ id, name }: Params<"duplicateProfile">, peer: Peer): Promise<Profile> {
    // A copy would be the copier's, and could be exported with its keys.
    const record = this.#owned(id, peer);
    this.#needRoom(peer.uid, [record.config]);
    const copy = this.#newRecord(record.config, name ?? copyName(record.name), record.narrowed, peer);
    await this.#store.save(copy);
    this.#options.onChange();
    return shownProfile(copy, peer.uid);
  }

  async #narrow({ id, prefixes }: Params<"narrowProfile">, peer: Peer): Promise<Profile> {
    const record = this.#owned(id, peer);
    const wanted = prefixes?.map((text) => {
      const prefix = parsePrefix(text);
      return prefix.ok
        ? prefix.value
        : refuse(["bad_request", "prefix_malformed", { prefix: text }], `${text}: ${prefix.message}`);
    });
    const widening = wanted === undefined ? [] : beyond(record.config, wanted);
    if (widening.length > 0)
      refuse(
        ["refused", "prefix_not_asked", { prefixes: widening.join(", ") }],
        `The profile does not ask for ${widening.join(", ")}; it can be narrowed and not widened.`,
        "To ask for more, edit the profile's AllowedIPs.",
      );
    return this.#change(record, { narrowed: wanted ?? null }, peer);
  }

  #export({ ids, format }: Params<"exportProfiles">, peer: Peer): Result<"exportProfiles"> {
    const records = ids.map((id) => this.find(id, peer));
    if (records.some(({ owner }) => owner !== peer.uid))
      refuse(
        ["not_permitted", "export_not_yours"],
        "Only the user who imported a profile may export it: its keys go with it.",
      );
    const [first, ...others] = records;
    if (format !== "zip" && others.length > 0)
      refuse(["bad_request", "export_zip_alone"], "Several profiles can be exported as a zip archive alone.");
    if (first === undefined) refuse(["bad_request", "export_nothing"], "No profile was named.");
    switch (format) {
      case "conf":
        return exported(Buffer.from(writeConfig(first.config)));
      case "zip":
        return exported(writeZip(records.map(({ name, config }) => ({ name, text: writeConfig(config) }))));
      case "qr":
        return exported(
          writeQr(writeConfig(first.config)) ??
            refuse(
              ["refused", "too_long_for_qr"],
              "The profile is too long for a QR code.",
              "Export it as a .conf file.",
            ),
        );
    }
  }

  async #remove(id: string, peer: Peer): Promise<Result<"removeProfile">> {
    const record = this.#owned(id, peer);
    if (this.#options.active() === id)
      refuse(
        ["conflict", "profile_connected"],
        "The profile is connected.",
        "Disconnect first (nanami down).",
      );
    const removedAt = this.#time();
    await this.#change(record, { removedAt }, peer);
    return { restorableUntil: new Date(Date.parse(removedAt) + RESTORABLE_MS).toISOString() };
  }

  async #restore(id: string, peer: Peer): Promise<Profile> {
    const record = this.#store.removed().find((one) => one.id === id && mayChange(one, peer));
    if (record === undefined)
      refuse(
        ["not_found", "profile_not_restorable"],
        "There is no removed profile of this name that can be restored.",
      );
    // Restored, it is what it was: also the time of its last change.
    const restored = { ...record, removedAt: null };
    await this.#store.save(restored);
    return shownProfile(restored, peer.uid);
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }

  /** Requests are answered one after the other, each on what the one before left. */
  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#saving.then(work);
    this.#saving = done.catch(() => undefined);
    return done;
  }
}

function mayChange(record: ProfileRecord, peer: Peer): boolean {
  return peer.uid === 0 || record.owner === peer.uid;
}

/** The name, unless it holds a part of one of the profile's keys: names are shown to everybody who may see it. */
function tellsNothing(name: string, { interface: own, peers }: TunnelConfig): string {
  const secrets = [own.privateKey, ...peers.map(({ presharedKey }) => presharedKey)];
  const parts = new SecretParts(secrets.flatMap((secret) => (secret === null ? [] : [secret.reveal()])));
  if (parts.standIn(name))
    refuse(
      ["refused", "name_tells_key"],
      "This name holds a part of the profile's key, and names are shown.",
      "Choose another.",
    );
  return name;
}

/** What an edit is based on: after another change, a text with kept secrets may mean something else. */
function versionOf({ id, changedAt }: ProfileRecord): string {
  return `${id} ${changedAt}`;
}

function exported(bytes: Uint8Array): Result<"exportProfiles"> {
  return { bytes: Buffer.from(bytes).toString("base64") };
}

/** `Office` becomes `Office (copy)`, within the length of a name, which counts UTF-16; no character is cut in half. */
function copyName(name: string): string {
  return `${name.slice(0, 57).replace(/\p{Cs}$/u, "")} (copy)`;
}
