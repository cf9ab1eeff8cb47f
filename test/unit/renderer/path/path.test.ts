import { describe, expect, test } from "vitest";
import { differences, loosensTunnel, pathSentence } from "../../../../renderer/screens/path/difference.ts";
import { layerTable, pinOf } from "../../../../renderer/screens/path/layer-table.ts";
import { namesFrom } from "../../../../renderer/screens/path/names.ts";
import { partOf, verdictWords } from "../../../../renderer/screens/path/verdict.ts";
import { placeName } from "../../../../renderer/texts/place-name.ts";
import { frankfurt, osaka, path, tokyo } from "../snapshots.ts";
import { english } from "../words.ts";

const nameOf = namesFrom([], [path(), path({ ingress: osaka })], "somebody");
const full = path({ trafficMode: { value: "full_tunnel", decidedBy: "device", overridden: [] } });
const changes = (before: typeof full, after: typeof full) =>
  differences(before, after, nameOf, "en", english);

describe("the table of layers", () => {
  const pinned = {
    routingMode: "manual",
    ingressDeviceId: null,
    egressDeviceId: frankfurt.deviceId,
  } as const;
  const rows = layerTable({
    trafficMode: {
      value: "full_tunnel",
      decidedBy: "user",
      overridden: [
        { layer: "network", value: "vpn_only" },
        { layer: "system", value: "vpn_only" },
      ],
    },
    selection: {
      value: pinned,
      decidedBy: "device",
      overridden: [{ layer: "system", value: { routingMode: "auto" } }],
    },
  });

  test("is from the highest layer down", () => {
    expect(rows.map(({ layer }) => layer)).toEqual(["device", "user", "network", "system"]);
  });

  test("marks what decides, keeps what is overridden, and leaves out what says nothing", () => {
    expect(rows.map(({ mode }) => [mode.value, mode.decides])).toEqual([
      [undefined, false],
      ["full_tunnel", true],
      ["vpn_only", false],
      ["vpn_only", false],
    ]);
    expect(rows[0]?.selection).toEqual({ value: pinned, decides: true });
    expect(rows[2]?.selection.value).toBeUndefined();
  });

  test("has a pin for each end, or none", () => {
    expect(pinOf(pinned, "egress")).toBe(frankfurt.deviceId);
    expect(pinOf(pinned, "ingress")).toBeNull();
    expect(pinOf({ routingMode: "auto" }, "egress")).toBeNull();
  });
});

describe("the difference that a change would make", () => {
  test("of equal paths is none, whatever their epoch", () => {
    expect(changes(full, { ...full, epoch: { lineage: "m", number: 9 }, issuedAt: "later" })).toEqual([]);
  });

  test("says the mode, how one is seen, and who decides", () => {
    expect(changes(path(), full)).toEqual([
      "Traffic mode: Full tunnel instead of Private network.",
      "The Internet sees 198.51.100.30.",
      "The mode is decided by this device instead of the default.",
    ]);
    expect(loosensTunnel(full, path())).toBe(true);
    expect(changes(full, path())).toContain("The Internet sees this device’s own address.");
  });

  test("names both gateways of each end that changes", () => {
    expect(changes(full, { ...full, ingress: osaka, egress: tokyo })).toEqual([
      "The Internet sees 198.51.100.10 instead of 198.51.100.30.",
      "Enters at Osaka instead of Tokyo.",
      "Leaves at Tokyo instead of Frankfurt.",
    ]);
  });

  test("says that an exit takes no part while only the private network is steered", () => {
    expect(changes(path(), path({ egress: tokyo }))[0]).toMatch(/takes no part/);
  });

  test("says that there would be no path, and why", () => {
    const { ingress: _in, egress: _out, ...rest } = full;
    const reason = { code: "access_denied", message: "m" } as const;
    const [sentence] = changes(full, { ...rest, status: "unavailable", reason });
    expect(sentence).toBe("There would be no path: you have no access to the chosen gateway");
  });

  test("lists prefixes that come and go", () => {
    const after = { ...full, tunnel: { ...full.tunnel, privatePrefixes: ["10.20.0.0/16", "10.30.0.0/16"] } };
    expect(changes(full, after)).toEqual([
      "The private network gains 10.30.0.0/16.",
      "The private network loses fd00:20::/64.",
    ]);
  });
});

test("a path in one sentence", () => {
  expect(pathSentence(full, english)).toBe("All traffic enters at Tokyo and leaves at Frankfurt.");
  expect(pathSentence({ ...full, egress: tokyo }, english)).toBe("All traffic enters and leaves at Tokyo.");
  expect(pathSentence(path(), english)).toBe(
    "The private network is entered at Tokyo. Other traffic goes directly.",
  );
});

describe("a gateway", () => {
  const row = {
    deviceId: "dev_saopaulo",
    name: "saopaulo",
    region: "São Paulo",
    healthy: true,
    roundTripMs: null,
    ends: [
      {
        end: "ingress" as const,
        eligible: false,
        chosen: false,
        reasons: [{ code: "missing_role", message: "m" }],
      },
      {
        end: "egress" as const,
        eligible: false,
        chosen: false,
        reasons: [{ code: "something_new", message: "in the agent's words" }],
      },
    ],
  };

  test("is called by its place where its name only repeats that", () => {
    expect(placeName(row)).toBe("São Paulo");
    expect(placeName({ name: "gw-7", region: "Tokyo" })).toBe("gw-7");
  });

  test("has a verdict for each end, by code or in the agent's words", () => {
    expect(verdictWords(row, "ingress", english)).toBe("is no entry gateway");
    expect(verdictWords(row, "egress", english)).toBe("in the agent's words");
    expect(partOf(row)).toBeUndefined();
    expect(partOf({ ...row, ends: row.ends.map((end) => ({ ...end, chosen: true })) })).toBe("both");
  });

  test("that nobody names is not called by its id", () => {
    expect(nameOf("dev_elsewhere")).toBe("somebody");
    expect(nameOf(osaka.deviceId)).toBe("Osaka");
  });
});
