/**
 * What a window may ask: the agent's requests that concern people, and those of the app itself. Both sides derive
 * from this one table and both parse. A window never names a path, a program, an address to open or a certificate.
 */
import * as z from "zod/mini";
import { methods as agentMethods } from "../rpc/contract.ts";
import { PLACES, type Place } from "./places.ts";
import { Bytes, GivenFile, LinkFacts, Presentation } from "./state.ts";

export type { BridgeProblem, Carrier, Outcome } from "./outcome.ts";

const none = z.strictObject({});
const PLACE_NAMES = Object.keys(PLACES) as [Place, ...Place[]];

/** Largest message either way, bytes of JSON text. */
export const MAX_BRIDGE_MESSAGE = 8 * 1024 * 1024;

// The two that keep a snapshot current are for the host: a window is told by updates.
const { subscribe, status, ...forWindows } = agentMethods;

export const requests = {
  ...forWindows,
  /** What an enrolment link says, before anything is done with it. */
  readLink: { params: z.strictObject({ link: z.string().check(z.maxLength(2048)) }), result: LinkFacts },
  /** Changes what is named. */
  setPresentation: { params: z.partial(Presentation), result: Presentation },
  /** Lets the person choose files in the system's own dialog; empty when it was closed. */
  chooseFiles: { params: none, result: z.array(GivenFile).check(z.maxLength(16)) },
  /** Lets the person choose where to keep bytes, readable by them alone. false when the dialog was closed. */
  saveFile: {
    params: z.strictObject({
      kind: z.enum(["conf", "zip", "png", "text"]),
      name: z.string().check(z.maxLength(64)),
      bytes: Bytes,
    }),
    result: z.strictObject({ saved: z.boolean() }),
  },
  /** Opens one of the few places that the app knows by name. */
  openPlace: {
    params: z.strictObject({ place: z.enum(PLACE_NAMES) }),
    result: none,
  },
  /** Installs and starts the agent for this user; the system asks for the administrator's word. */
  installService: { params: none, result: none },
  /** Forgets an offer, whether it was taken or not. */
  dismissOffer: { params: z.strictObject({ id: z.string().check(z.maxLength(64)) }), result: none },
} as const;
export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type RequestParams<N extends RequestName> = z.input<Requests[N]["params"]>;
export type RequestResult<N extends RequestName> = z.output<Requests[N]["result"]>;

/** Whether a name stands in the table: nothing that came from a window is looked up before. */
export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(requests, name);
}

/** Whether the agent answers it. */
export function isForAgent(name: RequestName): name is keyof typeof forWindows {
  return Object.hasOwn(forWindows, name);
}
