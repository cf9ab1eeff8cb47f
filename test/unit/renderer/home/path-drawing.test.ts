import { describe, expect, test } from "vitest";
import {
  pathDrawing,
  type DrawnSnapshot,
  type Known,
} from "../../../../renderer/screens/home/path-drawing.ts";
import {
  frankfurt,
  fullTunnel,
  heldUp,
  lockdownOpen,
  notProtected,
  osaka,
  path,
  SINCE,
  snapshot,
  tokyo,
} from "../snapshots.ts";
import { english } from "../words.ts";

const KNOWN: Known = {
  roundTrips: new Map([
    [tokyo.deviceId, 9],
    [frankfurt.deviceId, 231.4],
  ]),
  profile: undefined,
};
const draw = (state: DrawnSnapshot) => pathDrawing(state, KNOWN, "en", english);
const titles = (state: DrawnSnapshot): readonly string[] => draw(state).stops.map(({ title }) => title);

describe("the private network alone", () => {
  test("ends at the private network, and the Internet is drawn outside of it", () => {
    const { stops, legs, outside } = draw(snapshot());
    expect(stops.map(({ title }) => title)).toEqual(["This device", "Tokyo", "Private network"]);
    expect(stops[1]?.details).toEqual(["Enters here", "9 ms away"]);
    expect(stops[2]?.details).toEqual(["10.20.0.0/16, fd00:20::/64"]);
    expect(legs).toEqual(["flows", "flows"]);
    expect(outside).toMatchObject({ title: "Internet", details: ["Directly, outside the tunnel"] });
  });

  test("closed, it leaves the direct Internet as it is", () => {
    const { stops, outside } = draw(snapshot({ tunnel: heldUp("blocked", "access_denied", "vpn_only") }));
    expect(stops.at(-1)).toMatchObject({ state: "broken", details: ["Closed: nothing goes there"] });
    expect(outside).toMatchObject({ title: "Internet", state: "flows" });
  });

  test("without any network the direct Internet is not there either", () => {
    const { outside } = draw(snapshot({ tunnel: heldUp("reconnecting", "offline", "vpn_only") }));
    expect(outside).toMatchObject({ title: "Internet", state: "broken", details: ["No network"] });
  });
});

describe("the full tunnel", () => {
  test("nested passes both gateways, says how it is seen, and has the private network behind the first", () => {
    const { stops, outside } = draw(fullTunnel());
    expect(stops.map(({ title }) => title)).toEqual(["This device", "Tokyo", "Frankfurt", "Internet"]);
    expect(stops[1]?.branch).toBe("Private network");
    expect(stops[2]?.details).toEqual(["Leaves here", "231 ms away", "seen as 198.51.100.30"]);
    expect(outside?.title).toBe("Local network");
  });

  test("of one gateway draws it once", () => {
    const inForce = { ingress: tokyo, egress: tokyo, failedOver: false };
    const state = fullTunnel({ inForce, path: path({ egress: tokyo }) });
    expect(titles(state)).toEqual(["This device", "Tokyo", "Internet"]);
    expect(draw(state).stops[1]?.details).toContain("Enters and leaves here");
  });

  test("lets nothing go outside where the local network is closed", () => {
    const settings = { ...snapshot().settings, localNetwork: "block" } as const;
    expect(draw(fullTunnel({ settings })).outside).toBeNull();
  });

  test("does not flow before traffic was seen to pass", () => {
    const { legs, stops } = draw(
      fullTunnel({ tunnel: { state: "connecting", mode: "full_tunnel", since: SINCE } }),
    );
    expect(legs).toEqual(["waits", "waits", "waits"]);
    expect(stops.at(-1)?.details).toEqual(["Waits for the tunnel"]);
  });

  test("marks silent gateways, and those alone", () => {
    const silent = draw(fullTunnel({ tunnel: heldUp("blocked", "pinned_gateway_silent") }));
    expect(silent.stops.map(({ state }) => state)).toEqual(["flows", "broken", "broken", "broken"]);
    expect(silent.stops[2]?.details).toContain("No answer");
    const portal = draw(fullTunnel({ tunnel: heldUp("reconnecting", "captive_portal") }));
    expect(portal.stops.map(({ state }) => state)).toEqual(["flows", "idle", "idle", "broken"]);
    expect(portal.legs[0]).toBe("broken");
  });

  test("says whom a gateway stands in for", () => {
    const inForce = { ingress: osaka, egress: frankfurt, failedOver: true };
    const [, first, second] = draw(fullTunnel({ inForce })).stops;
    expect(first).toMatchObject({ title: "Osaka", badge: "stands in for Tokyo" });
    expect(second?.badge).toBeNull();
  });

  test("without a path is closed at this device", () => {
    const { ingress: _in, egress: _out, ...rest } = path({ status: "unavailable" });
    const state = fullTunnel({ tunnel: heldUp("blocked", "access_denied"), inForce: null, path: rest });
    expect(titles(state)).toEqual(["This device", "Internet"]);
    expect(draw(state).legs).toEqual(["broken"]);
  });
});

describe("what could not be closed", () => {
  test("is drawn as it goes: everything directly, the private network too", () => {
    const { stops, legs, outside } = draw(fullTunnel({ tunnel: notProtected("everything") }));
    expect(legs).toEqual(["broken", "idle", "idle"]);
    expect(stops.at(-1)).toMatchObject({
      title: "Private network",
      details: ["Not closed: may go outside the tunnel"],
    });
    expect(outside).toMatchObject({ title: "Internet", details: ["Directly, unprotected"] });
  });

  test("of the private network alone leaves the Internet as it is", () => {
    const tunnel = notProtected("private_network", "vpn_only");
    const { stops, outside } = draw(snapshot({ tunnel }));
    expect(stops.at(-1)?.details).toEqual(["Not closed: may go outside the tunnel"]);
    expect(outside).toMatchObject({ title: "Internet", details: ["Directly, outside the tunnel"] });
  });

  test("of the local network is drawn though it was to be closed", () => {
    const settings = { ...snapshot().settings, localNetwork: "block" } as const;
    const { stops, outside } = draw(fullTunnel({ tunnel: notProtected("local_network"), settings }));
    expect(stops.at(-1)).toMatchObject({ title: "Internet", details: ["Closed: nothing goes there"] });
    expect(outside).toMatchObject({
      title: "Local network",
      details: ["Not closed: directly, outside the tunnel"],
    });
  });
});

describe("a lockdown that is not in force", () => {
  const drawnOpen = (open: string) => draw(snapshot({ tunnel: lockdownOpen(open), inForce: null }));

  test("is drawn as the open device that it is", () => {
    const { legs, outside } = drawnOpen("everything");
    expect(new Set(legs)).toEqual(new Set(["idle"]));
    expect(outside).toMatchObject({ title: "Internet", state: "flows", details: ["Directly, unprotected"] });
  });

  test("towards the local network alone closes everything else", () => {
    const { stops, legs, outside } = drawnOpen("local_network");
    expect(stops.map(({ title }) => title)).toEqual(["This device", "Internet"]);
    expect(stops.at(-1)?.details).toEqual(["Closed by lockdown"]);
    expect(legs).toEqual(["broken"]);
    expect(outside).toMatchObject({
      title: "Local network",
      details: ["Not closed: directly, outside the tunnel"],
    });
  });
});

test("only a manual configuration that is asked is said not to answer", () => {
  const profile = { id: "p", name: "office", problem: null };
  const details = (code: string) =>
    draw(fullTunnel({ tunnel: heldUp("reconnecting", code), profile })).stops[1]?.details;
  expect(details("gateway_silent")).toContain("No answer");
  expect(details("offline")).not.toContain("No answer");
});

describe("at rest", () => {
  test("everything goes directly, and the way that would be is only hinted", () => {
    const { stops, legs, outside } = draw(snapshot({ tunnel: { state: "disconnected" }, inForce: null }));
    expect(legs).toEqual(["idle", "idle"]);
    expect(stops[1]?.details[0]).toBe("Would enter here");
    expect(outside).toMatchObject({ title: "Internet", details: ["Directly, unprotected"] });
  });

  test("lockdown closes the Internet", () => {
    const { stops, legs } = draw(fullTunnel({ tunnel: heldUp("blocked", "lockdown"), inForce: null }));
    expect(stops.at(-1)).toMatchObject({ title: "Internet", details: ["Closed by lockdown"] });
    expect(legs).toEqual(["broken"]);
  });
});

test("a manual configuration is one stop, and what was not proven is said", () => {
  const tunnel = { state: "connected", mode: "full_tunnel", since: SINCE, verified: "handshake" } as const;
  const state = fullTunnel({ tunnel, inForce: null, profile: { id: "p", name: "office", problem: null } });
  expect(titles(state)).toEqual(["This device", "office", "Internet"]);
  expect(draw(state).note).toMatch(/whether traffic passes is not known/);
});

test("there is one leg between each stop and the next, whatever the state", () => {
  const codes = ["gateway_silent", "offline", "captive_portal", "revoked", "lockdown"];
  for (const state of [
    snapshot(),
    fullTunnel(),
    ...codes.map((code) => fullTunnel({ tunnel: heldUp("blocked", code) })),
  ])
    expect(draw(state).legs).toHaveLength(draw(state).stops.length - 1);
});
