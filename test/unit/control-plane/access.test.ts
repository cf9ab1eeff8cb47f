import { describe, expect, test } from "vitest";
import { decide, type Action, type Subject, type Verdict } from "../../../src/control-plane/access.ts";
import type { Actor } from "../../../src/control-plane/actor.ts";

const ours = { tokenId: "tok_1", workspaceId: "ws_ours" };
const actors = {
  bootstrap: { kind: "bootstrap", tokenId: "tok_0" },
  operator: { kind: "operator", ...ours },
  stranger: { kind: "operator", tokenId: "tok_2", workspaceId: "ws_theirs" },
  ada: { kind: "member", ...ours, userId: "usr_ada" },
  bob: { kind: "member", ...ours, userId: "usr_bob" },
  laptop: { kind: "device", ...ours, networkId: "net_corp", deviceId: "dev_laptop", ownerId: "usr_ada" },
  phone: { kind: "device", ...ours, networkId: "net_corp", deviceId: "dev_phone", ownerId: "usr_ada" },
  bobs: { kind: "device", ...ours, networkId: "net_corp", deviceId: "dev_bobs", ownerId: "usr_bob" },
  elsewhere: { kind: "device", ...ours, networkId: "net_lab", deviceId: "dev_lab", ownerId: "usr_ada" },
  tokyo: { kind: "gateway", ...ours, networkId: "net_corp", deviceId: "dev_tokyo" },
} as const satisfies Record<string, Actor>;

const network: Subject = { kind: "network", workspaceId: "ws_ours", networkId: "net_corp" };
const adas: Subject = {
  kind: "user-preference",
  workspaceId: "ws_ours",
  networkId: "net_corp",
  userId: "usr_ada",
  writableBy: "members",
};
const laptop: Subject = {
  kind: "device",
  workspaceId: "ws_ours",
  networkId: "net_corp",
  deviceId: "dev_laptop",
  ownerId: "usr_ada",
  writableBy: "members",
};
const gateway: Subject = {
  kind: "gateway",
  workspaceId: "ws_ours",
  networkId: "net_corp",
  deviceId: "dev_tokyo",
};
const config: Subject = {
  kind: "manual-config",
  workspaceId: "ws_ours",
  networkId: "net_corp",
  ownerId: "usr_ada",
};
const user: Subject = { kind: "user", workspaceId: "ws_ours", userId: "usr_ada" };

type Row = readonly [Action, Partial<Record<keyof typeof actors, Verdict>>];
const [yes, no, what] = ["allowed", "forbidden", "unknown"] as const;

function holds(subject: Subject, rows: readonly Row[]): void {
  test.each(
    rows.flatMap(([action, verdicts]) =>
      Object.entries(verdicts).map(([name, verdict]) => [name, action, verdict] as const),
    ),
  )("%s %s: %s", (name, action, verdict) => {
    expect(decide(actors[name as keyof typeof actors], action, subject)).toBe(verdict);
  });
}

describe("workspaces", () => {
  holds({ kind: "workspaces" }, [
    ["create", { bootstrap: yes, operator: yes, ada: no, laptop: no, tokyo: no }],
    ["list", { bootstrap: no, operator: yes, ada: no, laptop: no, tokyo: no }],
  ]);
});

describe("collections of the own workspace", () => {
  holds({ kind: "own-workspace" }, [
    ["list", { bootstrap: no, operator: yes, ada: yes, laptop: no, tokyo: no }],
    ["create", { bootstrap: no, operator: yes, ada: no, laptop: no, tokyo: no }],
    ["administer", { bootstrap: no, operator: yes, ada: no, laptop: no, tokyo: no }],
  ]);
});

describe("a network", () => {
  const readers = { operator: yes, ada: yes, laptop: yes, elsewhere: what, tokyo: no } as const;
  const others = { bootstrap: what, stranger: what } as const;
  const writers = { operator: yes, ada: no, laptop: no, elsewhere: what, tokyo: no } as const;
  holds(network, [
    ["read", { ...readers, ...others }],
    ["write", { ...writers, ...others }],
    ["administer", { ...writers, ...others }],
  ]);
});

describe("a user", () => {
  holds(user, [["read", { operator: yes, stranger: what, ada: yes, bob: what, laptop: what, tokyo: what }]]);
});

describe("a user's preference", () => {
  const own = { operator: yes, ada: yes, laptop: yes, phone: yes } as const;
  const foreign = {
    bootstrap: what,
    stranger: what,
    bob: what,
    bobs: what,
    elsewhere: what,
    tokyo: what,
  } as const;
  holds(adas, [
    ["read", { ...own, ...foreign }],
    ["write", { ...own, ...foreign }],
  ]);
  describe("where operators write it", () => {
    holds({ ...adas, writableBy: "operators" }, [
      ["read", { ...own, ...foreign }],
      ["write", { operator: yes, ada: no, laptop: no, ...foreign }],
    ]);
  });
});

describe("a device", () => {
  const own = { operator: yes, ada: yes, laptop: yes, phone: no } as const;
  const foreign = { bootstrap: what, stranger: what, bob: what, bobs: what, tokyo: what } as const;
  holds(laptop, [
    ["read", { ...own, ...foreign }],
    ["write", { ...own, ...foreign }],
    ["use", { ...own, ...foreign }],
    ["administer", { operator: yes, ada: no, laptop: no, phone: no, ...foreign }],
  ]);
  describe("where operators write preferences", () => {
    holds({ ...laptop, writableBy: "operators" }, [
      ["write", { operator: yes, ada: no, laptop: no }],
      ["use", { operator: yes, ada: yes, laptop: yes }],
    ]);
  });
});

describe("a gateway", () => {
  const others = { bootstrap: what, stranger: what, elsewhere: what } as const;
  const seen = { operator: yes, ada: no, laptop: no, tokyo: no } as const;
  holds(gateway, [
    ["read", { ...seen, ...others }],
    ["use", { ...seen, ...others }],
    ["administer", { ...seen, ...others }],
  ]);
  test("another gateway does not know of it", () => {
    const osaka: Actor = { ...actors.tokyo, deviceId: "dev_osaka" };
    expect(decide(osaka, "read", gateway)).toBe("unknown");
  });
});

describe("a manual configuration", () => {
  const foreign = {
    bootstrap: what,
    stranger: what,
    bob: what,
    bobs: what,
    elsewhere: what,
    tokyo: what,
  } as const;
  const own = { operator: yes, ada: yes, laptop: no, phone: no } as const;
  holds(config, [
    ["create", { ...own, ...foreign }],
    ["read", { ...own, ...foreign }],
    ["write", { ...own, ...foreign }],
    ["administer", { operator: yes, ada: no, laptop: no, ...foreign }],
  ]);
});

test("another workspace sees nothing of ours, whatever it asks and whatever it asks for", () => {
  const actions: Action[] = ["list", "create", "read", "write", "use", "administer"];
  for (const actor of Object.values(actors)) {
    const foreign = { ...actor, workspaceId: "ws_theirs" } as Actor;
    for (const subject of [network, adas, laptop, gateway, config, user])
      for (const action of actions) expect(decide(foreign, action, subject)).toBe("unknown");
  }
});
