/**
 * What a window shows: everything the agent tells its faces, beside what belongs to the app alone. Sent whole once,
 * afterwards only what changed. Declared once; the host of a window and the window both parse with it.
 */
import * as z from "zod/mini";
import { Id } from "../routing/schema.ts";
import { RpcProblem } from "../rpc/problem.ts";
import { Snapshot } from "../rpc/snapshot.ts";

/** What the app remembers by itself. Everything that concerns protection belongs to the agent. */
export const Presentation = z.strictObject({
  language: z.enum(["system", "en", "ja"]),
  appearance: z.enum(["system", "light", "dark"]),
  notifications: z.boolean(),
  startAtLogin: z.boolean(),
  /** Starts with the tray alone; without a tray, with the window minimised. */
  startHidden: z.boolean(),
  /** `nanami:` links and WireGuard files are opened with this app; where no package says so (see `HostFacts`). */
  openLinks: z.boolean(),
  /** Hints that were shown and closed. */
  hintsSeen: z.array(z.enum(["closed_to_tray", "limited_mode", "full_tunnel"])).check(z.maxLength(16)),
});
export type Presentation = z.infer<typeof Presentation>;

export const DEFAULT_PRESENTATION: Presentation = {
  language: "system",
  appearance: "system",
  notifications: true,
  startAtLogin: false,
  startHidden: false,
  openLinks: false,
  hintsSeen: [],
};

/**
 * The connection to the agent. `last`: what it said before it went away, so that a window keeps its place while the
 * agent restarts; null = it never answered.
 */
export const AgentState = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("looking") }),
  z.strictObject({ state: z.literal("ready"), snapshot: Snapshot }),
  z.strictObject({
    state: z.literal("away"),
    why: z.enum(["not_installed", "not_running", "not_permitted"]),
    since: z.iso.datetime(),
    last: z.nullable(Snapshot),
  }),
  /** `agentProtocol`: null when it said what nobody here understands. */
  z.strictObject({
    state: z.literal("other_version"),
    agentProtocol: z.nullable(z.int()),
    ours: z.int(),
  }),
]);
export type AgentState = z.infer<typeof AgentState>;

/** What holds the window, and what it can do. */
export const HostFacts = z.strictObject({
  kind: z.enum(["electron", "browser"]),
  appVersion: z.string(),
  platform: z.enum(["linux", "macos", "windows"]),
  /** Whether `installService` can be asked for here; else the command is for copying. */
  canInstallService: z.boolean(),
  /** What a person types to install or start the agent. */
  installCommand: z.string(),
  startCommand: z.string(),
  /** Whether there is a tray to close to. */
  tray: z.boolean(),
  canStartAtLogin: z.boolean(),
  /** Whether `openLinks` is for the app to arrange. */
  canOpenLinks: z.boolean(),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** An enrolment link as a person should see it before anything is done with it. Never its key. */
export const LinkFacts = z.strictObject({
  /** Host and port that the device will trust with its paths. */
  controlPlane: z.string(),
  /** Whether the link names the certificate authority that has to answer. */
  pinned: z.boolean(),
});
export type LinkFacts = z.infer<typeof LinkFacts>;

/** Bytes as they cross the bridge: base64, 5 MiB of content at most. */
export const Bytes = z.base64().check(z.maxLength(7 * 1024 * 1024));

/** `name` is for people alone: nothing is ever found or written by it. */
export const GivenFile = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(255)),
  bytes: Bytes,
});
export type GivenFile = z.infer<typeof GivenFile>;

/**
 * What came from outside (a link, files that were opened with Nanami, a second start) and waits for a person. Never
 * acted on by itself. `refused` says why something that came is not offered.
 */
export const Offer = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("enroll"),
    id: z.string().check(z.maxLength(64)),
    link: z.string().check(z.maxLength(512)),
    facts: LinkFacts,
  }),
  z.strictObject({
    kind: z.literal("files"),
    id: z.string().check(z.maxLength(64)),
    files: z.array(GivenFile).check(z.maxLength(16)),
  }),
  z.strictObject({
    kind: z.literal("refused"),
    id: z.string().check(z.maxLength(64)),
    message: z.string().check(z.maxLength(1000)),
    /** The same as a refusal of the agent's, which a window says in its own language. */
    problem: z.optional(RpcProblem),
  }),
]);
export type Offer = z.infer<typeof Offer>;

/**
 * The person disconnected to sign in to the network around, and did not connect since: nothing is protected, on purpose.
 */
export const SigningIn = z.strictObject({
  /** The manual configuration that was connected; null = the network's own path. */
  profile: z.nullable(Id),
  /** The control plane answers: there is a way to the Internet again. */
  done: z.boolean(),
});
export type SigningIn = z.infer<typeof SigningIn>;

export const BridgeState = z.strictObject({
  agent: AgentState,
  presentation: Presentation,
  host: HostFacts,
  offers: z.array(Offer).check(z.maxLength(16)),
  signingIn: z.nullable(SigningIn),
});
export type BridgeState = z.infer<typeof BridgeState>;

/** What a window is told. `sequence` rises by one with each; a gap means that something was missed: ask anew. */
export const Update = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("state"), sequence: z.int(), state: BridgeState }),
  /** Whole fields of the state that are new. */
  z.strictObject({ kind: z.literal("changed"), sequence: z.int(), patch: z.partial(BridgeState) }),
  /** Whole fields of the agent's snapshot that are new, while `agent` is ready. */
  z.strictObject({ kind: z.literal("snapshot"), sequence: z.int(), patch: z.partial(Snapshot) }),
]);
export type Update = z.infer<typeof Update>;
