import { expect, test } from "vitest";
import { haveShaken } from "../../../src/tunnel/linux/apply.ts";
import { provingPeers } from "../../../src/tunnel/probe.ts";
import { fullIntent, KEY_A, KEY_B, nestedIntent, peer, privateIntent } from "./intents.ts";

const beside = [peer(KEY_A, "203.0.113.17", ["0.0.0.0/0"]), peer(KEY_B, "203.0.113.33", ["10.8.0.0/24"])];

test("behind a probe only nested gateways have to shake hands, each of them", () => {
  expect(provingPeers(privateIntent())).toEqual({ publicKeys: [], enough: "all" });
  expect(provingPeers(nestedIntent())).toEqual({ publicKeys: [KEY_B], enough: "all" });
});

test("without one, gateways behind one another all have to; of peers beside one another one is enough", () => {
  expect(provingPeers(nestedIntent({ probe: undefined }))).toEqual({
    publicKeys: [KEY_A, KEY_B],
    enough: "all",
  });
  expect(provingPeers(privateIntent({ probe: undefined, peers: beside }))).toEqual({
    publicKeys: [KEY_A, KEY_B],
    enough: "one",
  });
});

test("in full_tunnel it has to be one that carries a default route", () => {
  const intent = fullIntent({ probe: undefined, peers: beside });
  expect(provingPeers(intent)).toEqual({ publicKeys: [KEY_A], enough: "one" });
});

test("one or all of them have shaken hands", () => {
  const at = (publicKey: string, latestHandshake: number) => ({ publicKey, latestHandshake }) as never;
  const peers = [at(KEY_A, 100), at(KEY_B, 0)];
  const publicKeys = [KEY_A, KEY_B];
  expect(haveShaken(peers, { publicKeys, enough: "one" }, 0)).toBe(true);
  expect(haveShaken(peers, { publicKeys, enough: "all" }, 0)).toBe(false);
  expect(haveShaken(peers, { publicKeys, enough: "one" }, 100)).toBe(false);
  expect(haveShaken([], { publicKeys: [], enough: "one" }, 0)).toBe(true);
});
