/** The order of telling, with connections that only remember. */
import { expect, test } from "vitest";
import type { GatewayState } from "../../../src/api/events.ts";
import { Hub } from "../../../src/control-plane/push/hub.ts";
import type { ResolvedPath } from "../../../src/routing/types.ts";

class Remembering {
  readonly frames: unknown[] = [];
  readonly closed: number[] = [];
  send(frame: string, done: () => void): void {
    this.frames.push(JSON.parse(frame));
    done();
  }
  close(code: number): void {
    this.closed.push(code);
  }
  /** Versions or numbers of what was received. */
  get numbers(): number[] {
    return this.frames.map((frame) => {
      const event = frame as { state?: { version: number }; path?: { epoch: { number: number } } };
      return event.state?.version ?? event.path?.epoch.number ?? -1;
    });
  }
}

const state = (version: number): GatewayState => ({
  version,
  workspaceId: "ws_1",
  networkId: "net_1",
  deviceId: "tokyo",
  addresses: ["100.64.0.2/32"],
  overlayPrefixes: ["100.64.0.0/16"],
  listenPort: 51820,
  privatePrefixes: [],
  privateRouting: "masquerade",
  peers: [],
});

const hop = {
  deviceId: "tokyo",
  name: "tokyo",
  region: "Tokyo",
  publicKey: "",
  endpoint: "198.51.100.10:51820",
  overlayAddresses: ["100.64.0.2/32"],
};

const path = (number: number, lineage = "one"): ResolvedPath => ({
  epoch: { lineage, number },
  deviceId: "laptop",
  networkId: "net_1",
  issuedAt: "2026-01-01T00:00:00.000Z",
  status: "ready",
  trafficMode: { value: "vpn_only", decidedBy: "system", overridden: [] },
  selection: { value: { routingMode: "auto" }, decidedBy: "system", overridden: [] },
  ingress: hop,
  egress: hop,
  alternates: [],
  candidates: [],
  tunnel: {
    addresses: ["100.64.0.3/32"],
    privatePrefixes: [],
    dns: { servers: [], matchDomains: [] },
    probe: "100.64.0.2",
  },
});

/** Lets everything that is ready to happen happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("neither a gateway nor a device is told something older after something newer", () => {
  const hub = new Hub();
  const [tokyo, laptop] = [new Remembering(), new Remembering()];
  hub.connectGateway("tokyo", tokyo);
  hub.connectDevice("laptop", laptop);
  hub.deliver({ states: [state(2)], paths: [] });
  hub.deliver({ states: [state(1)], paths: [] });
  hub.gatewayApplied("tokyo", 2);
  hub.deliver({ states: [], paths: [path(5)] });
  hub.deliver({ states: [], paths: [path(4)] });
  expect(tokyo.numbers).toEqual([2]);
  expect(laptop.numbers).toEqual([5]);
  // Numbers compare only within one lineage.
  hub.deliver({ states: [], paths: [path(1, "two")] });
  expect(laptop.numbers).toEqual([5, 1]);
});

test("of the paths that wait for a gateway only the newest goes out, once", async () => {
  const hub = new Hub(3_600_000);
  const [tokyo, laptop] = [new Remembering(), new Remembering()];
  hub.connectGateway("tokyo", tokyo);
  hub.connectDevice("laptop", laptop);
  for (const number of [1, 2, 3]) hub.deliver({ states: [state(number)], paths: [path(number)] });
  hub.gatewayApplied("tokyo", 2);
  await settle();
  // Version 3 is outstanding, and path 2 has been overtaken by path 3.
  expect(laptop.numbers).toEqual([]);
  hub.gatewayApplied("tokyo", 3);
  await settle();
  expect(laptop.numbers).toEqual([3]);
});

test("a path does not wait for gateways that it does not name", () => {
  const hub = new Hub(3_600_000);
  const [osaka, laptop] = [new Remembering(), new Remembering()];
  hub.connectGateway("osaka", osaka);
  hub.connectDevice("laptop", laptop);
  hub.deliver({ states: [{ ...state(1), deviceId: "osaka" }], paths: [path(1)] });
  expect(laptop.numbers).toEqual([1]);
});

test("a gateway that connects anew is told everything anew, and the old connection's end changes nothing", () => {
  const hub = new Hub();
  const [before, after] = [new Remembering(), new Remembering()];
  const old = hub.connectGateway("tokyo", before);
  hub.deliver({ states: [state(1)], paths: [] });
  hub.connectGateway("tokyo", after);
  expect(before.closed).toEqual([4409]);
  old[Symbol.dispose]();
  expect(hub.isConnected("tokyo")).toBe(true);
  hub.deliver({ states: [state(1)], paths: [] });
  expect(after.numbers).toEqual([1]);
});
