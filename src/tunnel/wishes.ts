/**
 * What somebody wants of the tunnel, and what stays in force while nobody is connected. It is on disk before anything
 * is done for it, so that the next life of the agent goes on with it; the key alone never is.
 */
import { parsePrivateKey, type SecretKey } from "../wireguard/keys.ts";
import { checkIntent } from "./intent.ts";
import { LOCKDOWN } from "./lockdown.ts";
import { OperationError } from "./operation-error.ts";
import type { Read, Record as TunnelRecord, Target } from "./record.ts";
import type { Blockage, Intent, TunnelBlockage, TunnelMode } from "./types.ts";

/** A tunnel as somebody asks for it, checked. */
export interface Wish {
  readonly intent: Intent;
  readonly key: SecretKey;
}

/** Everything is closed: what is in force when the wish of an earlier life cannot be read. */
const CLOSED: Intent = {
  mode: "full_tunnel",
  addresses: [],
  peers: [],
  privatePrefixes: [],
  dns: { servers: [], matchDomains: [] },
  allowLocalNetwork: false,
  control: [],
};

/** Why everything is closed then. */
export const RECORD_LOST: TunnelBlockage = {
  code: "record_lost",
  message: "What was connected before cannot be read, so everything stays closed.",
  remedy: "Connect again, or disconnect to open this device.",
};

/** Checks what somebody asks for. Throws an `OperationError`. */
export function checkWish(intent: Intent, privateKey: string): Wish {
  const checked = checkIntent(intent);
  const key = parsePrivateKey(privateKey);
  if (!key.ok)
    throw new OperationError({
      code: "bad_key",
      message: `This private key cannot be used: ${key.message}`,
      remedy: "The previous state stays. Enrol this device again.",
    });
  return { intent: checked, key: key.value };
}

/** See the file's head. */
export class Wishes {
  readonly #record: TunnelRecord;
  readonly #log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  #intent: Intent | null = null;
  /** What stays in force while disconnected; null = nothing. */
  #lockdown: Intent | null = null;
  #key: SecretKey | null = null;

  constructor(
    record: TunnelRecord,
    log: (message: string, facts: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#record = record;
    this.#log = log;
  }

  /** What is wanted; null = nothing, or that nothing is. */
  get intent(): Intent | null {
    return this.#intent;
  }

  /** What has to be in force until nothing is wanted: everything is closed where nobody knows of a wish. */
  get standing(): Intent {
    return this.#intent ?? CLOSED;
  }

  /** Null: not known after a restart, or not needed. */
  get key(): SecretKey | null {
    return this.#key;
  }

  /** Whether this is what stays in force while disconnected. */
  isLockdown(intent: Intent): boolean {
    return intent === this.#lockdown;
  }

  /** What an earlier life wrote down. */
  left(): Read<Target> {
    return this.#record.readTarget();
  }

  /** Goes on with what an earlier life wanted. `closed`: why everything is to be closed; null = it is not. */
  resume(left: Read<Target>): { readonly mode: TunnelMode; readonly closed: Blockage | null } {
    if (left.kind !== "read" || left.value.intent === null) {
      this.#log("the record of the tunnel is lost: closed until somebody decides", { kind: left.kind });
      this.#intent = CLOSED;
      return { mode: CLOSED.mode, closed: RECORD_LOST };
    }
    const { wish, intent, reason } = left.value;
    this.#log("an earlier life's tunnel is continued", { wish });
    this.#intent = intent;
    if (reason?.code === LOCKDOWN.code) this.#lockdown = intent;
    return { mode: intent.mode, closed: wish === "closed" ? (reason ?? RECORD_LOST) : null };
  }

  /** Whether this is what is wanted already. After a restart the key is not known yet; the tunnel that was found goes on. */
  has({ intent, key }: Wish): boolean {
    const sameKey = this.#key === null || this.#key.equals(key);
    return sameKey && sameIntent(intent, this.#intent);
  }

  /** The key of what is wanted. */
  learnKey(key: SecretKey): void {
    this.#key = key;
  }

  /** This is wanted from now on. Throws an `OperationError` where it cannot be written down; nothing has changed then. */
  want({ intent, key }: Wish): void {
    this.#keep("up", intent, null);
    this.#intent = intent;
    this.#key = key;
  }

  /** Everything is to be closed that the intent's mode closes. */
  close(reason: Blockage): void {
    this.#keepIfPossible("closed", reason);
  }

  /** Nobody is to be connected any more. Says what is wanted in place of the tunnel: lockdown, or that nothing is. */
  letGo(): "lockdown" | "nothing" {
    if (this.#lockdown === null) {
      this.#keepIfPossible("down", null);
      return "nothing";
    }
    this.#intent = this.#lockdown;
    this.#key = null;
    this.#keepIfPossible("closed", LOCKDOWN);
    return "lockdown";
  }

  /** Says what stays in force while disconnected; null = nothing. Answers whether that is news. Throws an `OperationError`. */
  rest(intent: Intent | null): boolean {
    const checked = intent === null ? null : checkIntent(intent);
    if (sameIntent(checked, this.#lockdown)) return false;
    this.#lockdown = checked;
    return true;
  }

  /** Disconnected: what was wanted is over. */
  forget(): void {
    this.#intent = null;
    this.#key = null;
  }

  /** Everything was put back, and nothing remains to be done. */
  clear(): void {
    this.#record.clear();
  }

  /** Writes a wish down before anything is done for it. Throws an `OperationError`. */
  #keep(wish: Target["wish"], intent: Intent | null, reason: Blockage | null): void {
    try {
      this.#record.writeTarget({ wish, intent, reason });
    } catch (error) {
      throw new OperationError({
        code: "record_unwritable",
        message: `What is wanted could not be written down: ${error instanceof Error ? error.message : String(error)}.`,
        facts: { detail: error instanceof Error ? error.message : String(error) },
        remedy: "Make room in the agent's state folder and try again. The previous state stays.",
      });
    }
  }

  /** As `#keep`, for wishes that are carried out even if they cannot be written down. */
  #keepIfPossible(wish: Target["wish"], reason: Blockage | null): void {
    try {
      this.#keep(wish, this.#intent, reason);
    } catch (error) {
      this.#log("the record could not be written", { error: String(error) });
    }
  }
}

/** Whether two checked intents ask for the same; absent and undefined are one. */
function sameIntent(a: Intent | null, b: Intent | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
