/** The control plane's surfaces that a device uses, typed; and how its answers are told to faces. */
import { ApiClient, type Answer } from "../api/client.ts";
import type { Connect } from "../api/connection.ts";
import { Gateways, Previewed } from "../api/http.ts";
import { ResolvedPath, RoutingPreference } from "../routing/schema.ts";
import type { Refusal, StoredPreference } from "../rpc/contract.ts";
import type { z } from "zod";
import type { Identity } from "./identity.ts";

export type PreferenceLayer = z.infer<typeof StoredPreference>["layer"];
type Preference = z.infer<typeof RoutingPreference>;
type PreviewLayers = {
  readonly [layer in "device" | "user"]?: Preference | null | undefined;
};

/** Time in which the control plane has to answer before it counts as away, milliseconds. */
const TIMEOUT_MS = 5_000;

/** One control plane as this device. */
export class ControlPlane {
  readonly #client: ApiClient;
  readonly #device: string;
  readonly #network: string;

  constructor(identity: Identity, connect: Connect, timeoutMs = TIMEOUT_MS) {
    const { origin, ca, token, deviceId, networkId } = identity.reveal();
    this.#client = new ApiClient({ origin, ca: ca ?? undefined, token, connect, timeoutMs });
    this.#device = `/devices/${encodeURIComponent(deviceId)}`;
    this.#network = `/networks/${encodeURIComponent(networkId)}`;
  }

  path(): Promise<Answer<z.infer<typeof ResolvedPath>>> {
    return this.#client.call({ method: "GET", path: `${this.#device}/resolved-path`, answer: ResolvedPath });
  }

  preference(layer: PreferenceLayer): Promise<Answer<Preference>> {
    return this.#client.call({ method: "GET", path: this.#pathOf(layer), answer: RoutingPreference });
  }

  putPreference(layer: "device" | "user", body: Preference, ifMatch: string): Promise<Answer<Preference>> {
    const path = this.#pathOf(layer);
    return this.#client.call({ method: "PUT", path, body, ifMatch, answer: RoutingPreference });
  }

  preview(layers: PreviewLayers): Promise<Answer<z.infer<typeof Previewed>>> {
    const path = `${this.#device}/resolved-path/preview`;
    return this.#client.call({ method: "POST", path, body: { layers }, answer: Previewed });
  }

  gateways(): Promise<Answer<z.infer<typeof Gateways>>> {
    return this.#client.call({ method: "GET", path: `${this.#network}/gateways`, answer: Gateways });
  }

  /** Removes this device from its network. */
  leave(): Promise<Answer<unknown>> {
    return this.#client.call({ method: "DELETE", path: this.#device, answer: null });
  }

  close(): void {
    this.#client.close();
  }

  #pathOf(layer: PreferenceLayer): string {
    switch (layer) {
      case "device":
        return `${this.#device}/routing-preference`;
      case "user":
        return `${this.#network}/users/me/routing-preference`;
      case "network":
        return `${this.#network}/routing-policy`;
    }
  }
}

type Failure = Extract<Answer<unknown>, { ok: false }>;

/** Whether the control plane is as good as absent: no answer, not one of its own, or an error of its own making. */
export function isAway(answer: Failure): boolean {
  return answer.kind !== "refused" || answer.status >= 500;
}

/** Whether a request may have been carried out although it failed. */
export function mayBeDone(answer: Failure): boolean {
  return "sent" in answer ? answer.sent : isAway(answer);
}

/** A failed answer as faces are told. */
export function problemOf(answer: Failure): Refusal {
  if (isAway(answer) || answer.kind !== "refused")
    return {
      code: "control_plane_unreachable",
      reason: "control_plane_away",
      message: answer.message,
      remedy: "What is connected stays connected. Try again when the control plane answers.",
    };
  const { status, problem, message } = answer;
  const facts = { problem: problem.code, detail: message };
  switch (status) {
    case 401:
      return {
        code: "not_permitted",
        reason: "device_not_accepted",
        message: "The control plane does not accept this device any more.",
        remedy: "Log out and enrol it anew with a link from your operator.",
      };
    case 403:
      return { code: "not_permitted", reason: "not_allowed", message, facts };
    case 412:
      return {
        code: "conflict",
        reason: "stored_changed",
        message,
        remedy: "Read the stored value and decide anew.",
      };
    default:
      return {
        code: "refused",
        reason: "control_plane_refused",
        facts,
        message,
        ...(problem.errors === undefined ? {} : { errors: problem.errors }),
      };
  }
}
