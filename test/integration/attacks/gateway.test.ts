/** A device, or what a gateway is told, tries to get through the gateway what it was not granted. */
import { join } from "node:path";
import { expect } from "vitest";
import type { GatewayState } from "../../../src/api/events.ts";
import { scratch } from "../../../src/lab/host.ts";
import { countUdp, ping, sendFromPort } from "../gateway/packets.ts";
import { DriverProcess, FakeControlPlane, GatewayProcess, keyMadeIn } from "../gateway/programs.ts";
import {
  DEVICES,
  ECHO,
  GATEWAY,
  INTRANET,
  PORT,
  raiseGatewayWorld,
  stateOf,
  VAULT,
  type GatewayWorld,
} from "../gateway/world.ts";
import { naiveGateway } from "./naive-gateway.ts";
import { shown, type Loot } from "./table.ts";

/** A world of its own, in which no gateway is raised yet, for as long as `attack` takes. */
async function inWorld(attack: (world: GatewayWorld) => Promise<Loot>): Promise<Loot> {
  const world = await raiseGatewayWorld();
  try {
    return await attack(world);
  } finally {
    await world.world.close();
  }
}

/** What of these answers mallory, who may also take another source than its own. */
async function answersMallory(
  { world }: GatewayWorld,
  targets: readonly string[],
  source?: string,
): Promise<Loot> {
  const from = source === undefined ? [] : ["-I", source];
  const asked = targets.map(async (target) => ({
    target,
    answer: await ping(world.host("mallory"), target, ...from),
  }));
  const words = source === undefined ? "" : `, asked as ${source}`;
  return (await Promise.all(asked))
    .filter(({ answer }) => answer === "answer")
    .map(({ target }) => `${target} answers mallory${words}`);
}

/** That the gateway serves whom it should: mallory's silence would mean nothing otherwise. */
async function servesAlice(world: GatewayWorld): Promise<void> {
  const alice = await world.join("alice");
  expect(await ping(alice, INTRANET.v4)).toBe("answer");
}

const PRIVATE = [INTRANET.v4, INTRANET.v6, VAULT.v4, VAULT.v6];
const EVERYWHERE = [...PRIVATE, ECHO.v4, ECHO.v6];

shown("empty rule list on a gateway", {
  naive: () =>
    inWorld(async (world) => {
      await naiveGateway(world, stateOf(world.keys, { alice: {}, mallory: { private: false } }));
      await servesAlice(world);
      await world.join("mallory");
      return await answersMallory(world, EVERYWHERE);
    }),
  ours: () =>
    inWorld(async (world) => {
      const gateway = new DriverProcess(world.gw, world.keys.gw);
      await gateway.apply(stateOf(world.keys, { alice: {}, mallory: { private: false } }));
      await servesAlice(world);
      const mallory = await world.join("mallory");
      // It is let in, and to nowhere.
      expect(await ping(mallory, GATEWAY.overlay4)).toBe("answer");
      const loot = [...(await answersMallory(world, EVERYWHERE))];
      for (const state of [stateOf(world.keys, {}), null]) {
        await gateway.apply(state);
        loot.push(...(await answersMallory(world, [...EVERYWHERE, GATEWAY.overlay4])));
      }
      return loot;
    }),
});

/** Mallory may use the Internet, and is said to have alice's addresses too; alice may use the private network. */
function overlapping({ keys }: GatewayWorld): GatewayState {
  const state = stateOf(keys, { alice: {}, mallory: { private: false, internet: true } });
  const [alice, mallory] = state.peers;
  if (alice === undefined || mallory === undefined) throw new Error("two peers");
  return {
    ...state,
    peers: [alice, { ...mallory, addresses: [...mallory.addresses, ...alice.addresses] }],
  };
}

/** Mallory takes alice's addresses beside its own, and asks the private network as alice. */
async function asAlice(world: GatewayWorld): Promise<Loot> {
  const own = [DEVICES.mallory.overlay4, DEVICES.mallory.overlay6];
  const stolen = [DEVICES.alice.overlay4, DEVICES.alice.overlay6];
  await world.join(
    "mallory",
    [...own, ...stolen].map((address) => `${address}/${address.includes(":") ? 128 : 32}`),
  );
  return [
    ...(await answersMallory(world, [INTRANET.v4], DEVICES.alice.overlay4)),
    ...(await answersMallory(world, [INTRANET.v6], DEVICES.alice.overlay6)),
  ];
}

shown("takeover by overlap", {
  naive: () =>
    inWorld(async (world) => {
      await naiveGateway(world, overlapping(world));
      return await asAlice(world);
    }),
  ours: () =>
    inWorld(async (world) => {
      const gateway = new DriverProcess(world.gw, world.keys.gw);
      const { refused } = await gateway.apply(overlapping(world));
      expect(refused.map(({ code }) => code)).toEqual(["duplicate_address", "duplicate_address"]);
      const loot = [...(await asAlice(world))];
      // A wider claim is refused by itself, and takes nothing from alice.
      const honest = stateOf(world.keys, { alice: {}, mallory: { private: false, internet: true } });
      const wide = honest.peers.map((peer) =>
        peer.name === "mallory" ? { ...peer, addresses: ["100.64.0.0/16", "fd00:64::/64"] } : peer,
      );
      const verdict = await gateway.apply({ ...honest, peers: wide });
      expect(verdict.refused).toMatchObject([{ deviceId: "dev_mallory000000", code: "bad_address" }]);
      await servesAlice(world);
      loot.push(...(await asAlice(world)));
      // Nor does it help to say nothing and to send from there.
      await gateway.apply(honest);
      loot.push(...(await asAlice(world)));
      expect(await ping(world.world.host("mallory"), ECHO.v4)).toBe("answer");
      return loot;
    }),
});

const FOREIGN = { workspaceId: "ws_Globex0000", networkId: "net_Lab000000" } as const;

/** The state with mallory as somebody else's device: of another workspace, of another network of the same one. */
function withForeignPeers({ keys }: GatewayWorld): readonly GatewayState[] {
  const state = stateOf(keys, { alice: {}, mallory: {} });
  const { workspaceId, networkId } = FOREIGN;
  return [{ workspaceId }, { networkId }].map((foreign) => ({
    ...state,
    peers: state.peers.map((peer) => (peer.name === "mallory" ? { ...peer, ...foreign } : peer)),
  }));
}

/** The state with mallory as a device that was granted what is none of this network's. */
function withForeignGrants({ keys }: GatewayWorld): readonly GatewayState[] {
  const state = stateOf(
    keys,
    { alice: {}, mallory: {} },
    { privatePrefixes: ["10.20.0.0/16", "fd00:20::/64"] },
  );
  return [["10.30.0.0/16"], ["10.0.0.0/8"], ["0.0.0.0/0"]].map((privatePrefixes) => ({
    ...state,
    peers: state.peers.map((peer) =>
      peer.name === "mallory" ? { ...peer, grants: { ...peer.grants, privatePrefixes } } : peer,
    ),
  }));
}

shown("objects of another workspace", {
  naive: async () => {
    const states = [withForeignPeers, withForeignGrants].map(
      (make) => (world: GatewayWorld) => make(world)[0],
    );
    const loot: string[] = [];
    for (const stateIn of states) {
      const got = await inWorld(async (world) => {
        const state = stateIn(world);
        if (state === undefined) throw new Error("a state");
        await naiveGateway(world, state);
        await world.join("mallory");
        return await answersMallory(world, PRIVATE);
      });
      expect(got).not.toEqual([]);
      loot.push(...got);
    }
    return loot;
  },
  ours: () =>
    inWorld(async (first) => {
      await using folder = await scratch();
      const control = await FakeControlPlane.start(first.gw);
      const state = join(folder.path, "gateway");
      await GatewayProcess.start(first.gw, state, ["--enroll", FakeControlPlane.link]);
      const world = { ...first, keys: { ...first.keys, gw: await keyMadeIn(state) } };
      const loot: string[] = [];
      let version = 0;
      const say = async (state: GatewayState, codes: readonly string[]): Promise<void> => {
        version += 1;
        control.say({ ...state, version });
        const applied = await control.message("state.applied");
        expect(applied.refused?.map(({ code }) => code) ?? []).toEqual(codes);
        expect(await ping(await world.joinAs("alice", world.keys.gw), INTRANET.v4)).toBe("answer");
        await world.joinAs("mallory", world.keys.gw);
        loot.push(...(await answersMallory(world, PRIVATE)));
      };
      await say(stateOf(world.keys, { alice: {} }), []);
      const [workspace, network] = withForeignPeers(world);
      if (workspace === undefined || network === undefined) throw new Error("two states");
      await say(workspace, ["wrong_workspace"]);
      await say(network, ["wrong_network"]);
      for (const state of withForeignGrants(world)) await say(state, ["bad_grant"]);
      // A whole state of somebody else's, in which mallory would be at home.
      const theirs = stateOf(world.keys, { mallory: {} });
      const peers = theirs.peers.map((peer) => ({ ...peer, ...FOREIGN }));
      await say({ ...theirs, workspaceId: FOREIGN.workspaceId, peers }, ["wrong_workspace"]);
      await say({ ...theirs, networkId: FOREIGN.networkId, peers }, ["wrong_network"]);
      return loot;
    }),
});

const VICTIM_PORT = 40_000;

/** Of a victim's three packets to the gateway's WireGuard port, those that mallory receives. */
async function shadow(world: GatewayWorld): Promise<Loot> {
  const mallory = await world.join("mallory");
  expect(await ping(mallory, ECHO.v4)).toBe("answer");
  const victim = world.world.host("alice");
  const atMallory = await countUdp(mallory, DEVICES.alice.v4, PORT);
  const atGateway = await countUdp(world.gw, DEVICES.alice.v4, PORT);
  await sendFromPort(mallory, PORT, DEVICES.alice.v4, VICTIM_PORT, 1);
  await sendFromPort(victim, VICTIM_PORT, GATEWAY.v4, PORT, 3);
  const arrived = { mallory: await atMallory(), gateway: await atGateway() };
  expect(arrived.mallory + arrived.gateway).toBe(3);
  return arrived.mallory === 0 ? [] : [`${arrived.mallory} packets for the gateway reach mallory`];
}

const browsing = ({ keys }: GatewayWorld): GatewayState => stateOf(keys, { mallory: { internet: true } });

shown("port shadowing", {
  naive: () =>
    inWorld(async (world) => {
      await naiveGateway(world, browsing(world));
      return await shadow(world);
    }),
  ours: () =>
    inWorld(async (world) => {
      await new DriverProcess(world.gw, world.keys.gw).apply(browsing(world));
      return await shadow(world);
    }),
});
