/**
 * Makes this device one of a network, and logs it out: who it is, and everything that was known as that, changes at
 * once.
 */
import { hostname } from "node:os";
import type { Connect } from "../api/connection.ts";
import type { Params, Result } from "../rpc/contract.ts";
import { RpcRefusal } from "../rpc/server.ts";
import type { TunnelEngine } from "../tunnel/types.ts";
import type { AddressBook } from "./address-book.ts";
import type { Peer } from "./authorization.ts";
import type { ControlPlaneLink } from "./control-plane-link.ts";
import { enroll } from "./enrolling.ts";
import type { Identity } from "./identity.ts";
import type { Memory } from "./memory.ts";
import { refuse } from "./refuse.ts";

export interface EnrolmentOptions {
  readonly memory: Memory;
  readonly engine: Pick<TunnelEngine, "status">;
  readonly book: AddressBook;
  readonly link: ControlPlaneLink;
  /** Connections to the control plane, over the agent's own sockets. */
  readonly connect: Connect;
  /** Ends what is connected. Throws `RpcRefusal`. */
  readonly disconnect: () => Promise<unknown>;
  /** Told when this device is another. */
  readonly onChange: () => void;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** See the file's head. What is refused is an `RpcRefusal`. */
export class Enrolment {
  readonly #options: EnrolmentOptions;
  #enrolling = false;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  async enroll({ link: text, name }: Params<"enroll">, peer: Peer): Promise<Result<"enroll">> {
    const { memory, engine, book, link, connect, onChange, log } = this.#options;
    if (this.#enrolling)
      refuse(["conflict", "enrolling_already"], "Another enrolment is under way.", "Wait for it to end.");
    const { status } = engine;
    if (status.state !== "disconnected" || status.reason !== undefined)
      refuse(
        ["conflict", "connected_or_locked"],
        "Something is connected, or lockdown is on.",
        "Disconnect first (nanami down), and turn lockdown off: nanami settings set lockdown off",
      );
    this.#enrolling = true;
    try {
      const result = await enroll(text, name ?? hostname().slice(0, 64), peer.uid, connect);
      if (!result.ok) throw new RpcRefusal(result.problem);
      await this.#become(result.identity);
      memory.setRouting({ served: result.path, inForce: null, unsaved: null });
      memory.setRevoked(null);
      book.confirm(result.identity.remote.host);
      log("enrolled", result.identity.enrollment);
      link.begin(result.identity);
      onChange();
      return result.identity.enrollment;
    } finally {
      this.#enrolling = false;
    }
  }

  async logout(): Promise<Result<"logout">> {
    const { memory, link, disconnect, onChange, log } = this.#options;
    link.identity();
    await disconnect();
    const left = await link.reach().leave();
    // A device whose key is gone is harmless where it is still listed: logging out never depends on the server.
    if (!left.ok) log("the control plane was not told of the logout", { why: left.message });
    await this.#become(null);
    memory.setRouting({ served: null, inForce: null, unsaved: null });
    memory.setRevoked(null);
    onChange();
    return {};
  }

  /** Nobody speaks as who this device was any more, unless who it is cannot be stored: then it stays who it was. */
  async #become(identity: Identity | null): Promise<void> {
    const { memory, link } = this.#options;
    link.end();
    try {
      await memory.setIdentity(identity);
    } catch (error) {
      if (memory.identity !== null) link.begin(memory.identity);
      throw error;
    }
  }
}
