/**
 * Answers a window. Everything from it is parsed here, what concerns the agent goes to the agent, and the rest to
 * the shell: the few things that only the program around the window can do.
 */
import { isDeepStrictEqual } from "node:util";
import { AgentMismatch, AgentRefusal, AgentUnreachable } from "../rpc/client.ts";
import type { MethodName, Params, Snapshot } from "../rpc/contract.ts";
import type { RefusalReason } from "../rpc/said.ts";
import { parseEnrollmentLink } from "../api/link.ts";
import {
  isForAgent,
  isRequestName,
  requests,
  type BridgeProblem,
  type Outcome,
  type RequestName,
  type RequestParams,
  type RequestResult,
} from "../bridge/contract.ts";
import type { Place } from "../bridge/places.ts";
import {
  Presentation,
  type BridgeState,
  type HostFacts,
  type LinkFacts,
  type Offer,
  type Update,
} from "../bridge/state.ts";
import type { AgentLink } from "./agent-link.ts";
import { NO_SIGN_IN, signInAfter } from "./signing-in.ts";

/** Requests that may take as long as a person, or as a network that does not answer, needs; milliseconds. */
const PATIENT_MS: Partial<Record<MethodName, number>> = {
  enroll: 90_000,
  connect: 90_000,
  disconnect: 90_000,
  checkHealth: 60_000,
  diagnostics: 60_000,
  testLeaks: 60_000,
};

/** What only the program around a window can do. A refusal is thrown as `ShellRefusal`. */
export interface Shell {
  readonly facts: HostFacts;
  readonly presentation: Presentation;
  keepPresentation(presentation: Presentation): void;
  chooseFiles(): Promise<RequestResult<"chooseFiles">>;
  saveFile(file: RequestParams<"saveFile">): Promise<boolean>;
  openPlace(place: Place): Promise<void>;
  installService(): Promise<void>;
}

/** A shell's no, for a person. */
export class ShellRefusal extends Error {
  readonly problem: BridgeProblem;
  constructor(problem: BridgeProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** What a link says of itself. Throws `ShellRefusal` for one that cannot be used. */
export function linkFacts(link: string): LinkFacts {
  const parsed = parseEnrollmentLink(link.trim());
  if (!parsed.ok)
    throw new ShellRefusal({ code: "bad_request", reason: "link_malformed", message: parsed.message });
  return { controlPlane: parsed.link.host, pinned: parsed.link.pin !== null };
}

export class Desk {
  readonly #link: AgentLink;
  readonly #shell: Shell;
  #presentation: Presentation;
  #offers: readonly Offer[] = [];
  #signIn = NO_SIGN_IN;
  readonly #windows = new Set<Window>();

  constructor(link: AgentLink, shell: Shell) {
    this.#link = link;
    this.#shell = shell;
    this.#presentation = shell.presentation;
  }

  get state(): BridgeState {
    return {
      agent: this.#link.state,
      presentation: this.#presentation,
      host: this.#shell.facts,
      offers: [...this.#offers],
      signingIn: this.#signIn.signingIn,
    };
  }

  /** Tells a window the whole state, then what changes. Returns what ends it. */
  subscribe(tell: (update: Update) => void): () => void {
    const window: Window = { tell, sequence: 0 };
    this.#windows.add(window);
    tell({ kind: "state", sequence: 0, state: this.state });
    return () => this.#windows.delete(window);
  }

  /** The link to the agent came, went or is of another version. */
  agentChanged(): void {
    const isNews = this.#followSignIn();
    this.#tell((sequence) => ({ kind: "changed", sequence, patch: { agent: this.#link.state } }));
    if (isNews) this.#tellSignIn();
  }

  /** What holds the window, or what it can do, is another. */
  hostChanged(): void {
    this.#tell((sequence) => ({ kind: "changed", sequence, patch: { host: this.#shell.facts } }));
  }

  snapshotChanged(patch: Partial<Snapshot>): void {
    const isNews = this.#followSignIn();
    this.#tell((sequence) => ({ kind: "snapshot", sequence, patch }));
    if (isNews) this.#tellSignIn();
  }

  /** Before anybody is told of the agent's word, so that who asks for the whole state has one that fits. */
  #followSignIn(): boolean {
    const before = this.#signIn.signingIn;
    this.#signIn = signInAfter(this.#signIn, this.#link.state);
    return !isDeepStrictEqual(before, this.#signIn.signingIn);
  }

  #tellSignIn(): void {
    const { signingIn } = this.#signIn;
    this.#tell((sequence) => ({ kind: "changed", sequence, patch: { signingIn } }));
  }

  /** Something came from outside: it waits for the person. The oldest makes room. */
  offer(offer: Offer): void {
    this.#setOffers(newest([...this.#offers, offer]));
  }

  /** Answers a request of a window. Never throws: whatever is wrong is a problem with its words. */
  async answer(name: unknown, params: unknown): Promise<Outcome<unknown>> {
    if (typeof name !== "string" || !isRequestName(name))
      return refusal("request_unknown", "The window asked for something that this app does not know.");
    const parsed = requests[name].params.safeParse(params);
    if (!parsed.success)
      return refusal(
        "request_malformed",
        `The window asked for "${name}" with ${parsed.error.issues[0]?.path.join(".") || "values"} that cannot be right.`,
      );
    try {
      const value = isForAgent(name)
        ? // The schema of this very method has parsed it; TypeScript cannot relate the two by name.
          await this.#askAgent(name, parsed.data as Params<typeof name>)
        : await this.#ask(name, parsed.data);
      return { ok: true, value };
    } catch (error) {
      return { ok: false, problem: problemOf(error) };
    }
  }

  #askAgent<M extends Exclude<MethodName, "subscribe" | "status">>(method: M, params: Params<M>) {
    const timeoutMs = PATIENT_MS[method];
    return this.#link.call(method, params, timeoutMs === undefined ? {} : { timeoutMs });
  }

  async #ask(name: Exclude<RequestName, MethodName>, params: unknown): Promise<unknown> {
    switch (name) {
      case "readLink":
        return linkFacts((params as RequestParams<"readLink">).link);
      case "setPresentation": {
        this.#presentation = Presentation.parse({ ...this.#presentation, ...(params as object) });
        this.#shell.keepPresentation(this.#presentation);
        this.#tell((sequence) => ({
          kind: "changed",
          sequence,
          patch: { presentation: this.#presentation },
        }));
        return this.#presentation;
      }
      case "chooseFiles":
        return this.#shell.chooseFiles();
      case "saveFile":
        return { saved: await this.#shell.saveFile(params as RequestParams<"saveFile">) };
      case "openPlace":
        await this.#shell.openPlace((params as RequestParams<"openPlace">).place);
        return {};
      case "installService":
        await this.#shell.installService();
        this.#link.tryNow();
        return {};
      case "dismissOffer": {
        const { id } = params as RequestParams<"dismissOffer">;
        this.#setOffers(this.#offers.filter((offer) => offer.id !== id));
        return {};
      }
    }
  }

  #setOffers(offers: readonly Offer[]): void {
    this.#offers = offers;
    this.#tell((sequence) => ({ kind: "changed", sequence, patch: { offers: [...offers] } }));
  }

  #tell(update: (sequence: number) => Update): void {
    for (const window of this.#windows) {
      window.sequence += 1;
      window.tell(update(window.sequence));
    }
  }
}

/** Most bytes of text in all offers: every window is told all of them in one message. */
const MAX_OFFERED = 7 * 1024 * 1024;

/** The last sixteen, and of those as many of the newest as may be told at once. */
function newest(offers: readonly Offer[]): readonly Offer[] {
  let room = MAX_OFFERED;
  const kept = offers.slice(-16).toReversed();
  const first = kept.findIndex((offer) => {
    room -= offer.kind === "files" ? offer.files.reduce((sum, { bytes }) => sum + bytes.length, 0) : 0;
    return room < 0;
  });
  return (first === -1 ? kept : kept.slice(0, first)).toReversed();
}

interface Window {
  readonly tell: (update: Update) => void;
  sequence: number;
}

function refusal(reason: "request_unknown" | "request_malformed", message: string): Outcome<never> {
  const remedy = "Close the window and open it again.";
  return { ok: false, problem: { code: "bad_request", reason, message, remedy } };
}

function problemOf(error: unknown): BridgeProblem {
  if (error instanceof AgentRefusal || error instanceof ShellRefusal) return error.problem;
  if (error instanceof AgentUnreachable)
    return {
      code: "agent_away",
      ...(error.why === "no_answer" ? { reason: "agent_silent" satisfies RefusalReason } : {}),
      message:
        error.why === "no_answer"
          ? "The Nanami service did not answer in time."
          : "The Nanami service is not running.",
      remedy: "It is tried again by itself. What was protected stays protected.",
    };
  if (error instanceof AgentMismatch)
    return {
      code: "other_version",
      message: "The app and the Nanami service are of different versions.",
      remedy: "Update both to the same version.",
    };
  const detail = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    reason: "app_fault" satisfies RefusalReason,
    facts: { detail },
    message: `The app could not do it: ${detail}`,
    remedy: "Try again. If it stays, save the diagnostics from Health and send them to your operator.",
  };
}
