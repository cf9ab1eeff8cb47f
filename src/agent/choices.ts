/** What may be chosen, and what a choice would change: the control plane is asked, and nothing is changed. */
import type { Params, Result } from "../rpc/contract.ts";
import { RpcRefusal } from "../rpc/server.ts";
import { isAway, problemOf } from "./control-plane.ts";
import type { ControlPlaneLink } from "./control-plane-link.ts";
import { gatewayRows } from "./gateway-rows.ts";
import type { Memory } from "./memory.ts";
import { effectivePath, pathAfter } from "./routing-state.ts";

export interface ChoicesOptions {
  readonly memory: Pick<Memory, "routing">;
  readonly link: Pick<ControlPlaneLink, "reach">;
  /** Milliseconds by gateway id, as this device measured them last. */
  readonly roundTrips: () => ReadonlyMap<string, number>;
}

/** See the file's head. What is refused is an `RpcRefusal`. */
export class Choices {
  readonly #options: ChoicesOptions;

  constructor(options: ChoicesOptions) {
    this.#options = options;
  }

  /** The path as it is and as it would be. With the control plane away: as well as it can be known here. */
  async preview(layers: Params<"previewPath">["layers"]): Promise<Result<"previewPath">> {
    const { memory, link } = this.#options;
    const answer = await link.reach().preview(layers);
    if (answer.ok) return answer.body;
    const current = effectivePath(memory.routing);
    if (!isAway(answer) || current === null) throw new RpcRefusal(problemOf(answer));
    let proposed = current;
    for (const layer of ["device", "user"] as const) {
      const value = layers[layer];
      if (value !== undefined) proposed = pathAfter(proposed, layer, value ?? {});
    }
    return { current, proposed };
  }

  async gateways(): Promise<Result<"gateways">> {
    const { memory, link, roundTrips } = this.#options;
    const answer = await link.reach().gateways();
    if (!answer.ok) throw new RpcRefusal(problemOf(answer));
    return gatewayRows(answer.body.gateways, effectivePath(memory.routing), roundTrips());
  }
}
