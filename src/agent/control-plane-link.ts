/**
 * This device's link to its control plane: the session over which paths come, and the client for what somebody asks.
 * Both speak as who this device is at the time.
 */
import type { Connect } from "../api/connection.ts";
import { DeviceEvent, type DeviceMessage } from "../api/events.ts";
import { EventSession, type BackOff, type SessionState } from "../api/session.ts";
import { ControlPlane } from "./control-plane.ts";
import type { Identity } from "./identity.ts";
import { refuse } from "./refuse.ts";
import type { Path } from "./routing-state.ts";
import { looksIntercepted } from "./shown-tunnel.ts";

type Session = EventSession<DeviceEvent, DeviceMessage>;

export interface ControlPlaneLinkOptions {
  /** Who this device is; null = it is not enrolled. */
  readonly identity: () => Identity | null;
  /** Connections to the control plane, over the agent's own sockets. */
  readonly connect: Connect;
  /** Of the path that was served last; undefined = none was. */
  readonly epoch: () => Path["epoch"] | undefined;
  readonly onPath: (path: Path) => void;
  /** Told after what is known of the session has changed accordingly. */
  readonly onState: (state: SessionState, identity: Identity) => void;
  /** For tests: pauses of the session, and the time one answer may take. */
  readonly backOff?: BackOff | undefined;
  readonly requestTimeoutMs?: number | undefined;
}

/** See the file's head. */
export class ControlPlaneLink {
  readonly #options: ControlPlaneLinkOptions;
  /** The client, as who this device was when somebody asked last. */
  #reached: { readonly by: Identity; readonly controlPlane: ControlPlane } | null = null;
  #session: Session | null = null;
  #isOpen = false;
  #problem: string | null = null;
  #isIntercepted = false;

  constructor(options: ControlPlaneLinkOptions) {
    this.#options = options;
  }

  /** The session stands. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What went wrong with the session last, for a person; until something valid arrives on a new connection. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Somebody on the way answered in the control plane's place. */
  get isIntercepted(): boolean {
    return this.#isIntercepted;
  }

  /** Who this device is. Throws `RpcRefusal` where it is not enrolled. */
  identity(): Identity {
    return (
      this.#options.identity() ??
      refuse(
        ["not_enrolled", "not_enrolled"],
        "This device is not enrolled.",
        "Paste the enrolment link from your operator: nanami enroll <link>",
      )
    );
  }

  /** The control plane, to be asked something. Throws `RpcRefusal` where this device is not enrolled. */
  reach(): ControlPlane {
    const { connect, requestTimeoutMs } = this.#options;
    const by = this.identity();
    if (this.#reached?.by !== by) {
      this.#reached?.controlPlane.close();
      this.#reached = { by, controlPlane: new ControlPlane(by, connect, requestTimeoutMs) };
    }
    return this.#reached.controlPlane;
  }

  /** Opens the session and keeps it up until `end`. */
  begin(identity: Identity): void {
    const { origin, ca, token } = identity.reveal();
    const { connect, backOff, epoch, onPath } = this.#options;
    const session: Session = new EventSession<DeviceEvent, DeviceMessage>({
      origin,
      ca: ca ?? undefined,
      token,
      connect,
      backOff,
      incoming: DeviceEvent,
      hello: () => {
        const served = epoch();
        return served === undefined ? { type: "hello" } : { type: "hello", epoch: served };
      },
      onMessage: ({ path }) => {
        if (this.#session !== session) return;
        this.#problem = null;
        onPath(path);
      },
      onState: (state) => {
        if (this.#session === session) this.#changed(state, identity);
      },
    });
    this.#session = session;
    session.start();
  }

  /** Speaks as nobody any more. */
  end(): void {
    this.#session?.stop();
    this.#session = null;
    this.#isOpen = false;
    this.#problem = null;
    this.#isIntercepted = false;
    this.#reached?.controlPlane.close();
    this.#reached = null;
  }

  /** The network around changed: who answered before says nothing of it, and nothing waits for a time-out. */
  retryNow(): void {
    this.#isIntercepted = false;
    this.#session?.retryNow();
  }

  /** Milliseconds by gateway id, as measured here. Lost while there is no session. */
  report(roundTrips: Record<string, number>): void {
    this.#session?.send({ type: "report", roundTrips });
  }

  #changed(state: SessionState, identity: Identity): void {
    this.#isOpen = state.state === "connected";
    this.#isIntercepted = state.state === "waiting" && looksIntercepted(state.problem);
    if (state.state === "waiting") this.#problem = `${identity.enrollment.controlPlane}: ${state.problem}`;
    this.#options.onState(state, identity);
  }
}
