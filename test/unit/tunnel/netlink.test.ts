import fc from "fast-check";
import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { attribute, attributesIn, messagesIn, message } from "../../../src/tunnel/linux/netlink/message.ts";
import { addressesIn, linkIn, routesIn, rulesIn } from "../../../src/tunnel/linux/netlink/readings.ts";
import { FRA, requestOf, STRUCT } from "../../../src/tunnel/linux/netlink/requests.ts";
import type { Rule } from "../../../src/tunnel/network-state.ts";
import { fullIntent, nestedIntent, privateIntent } from "./intents.ts";

const INDEX = { nanami0: 7, eth0: 2 } as const;
const indexOf = (name: string): number => (name === "nanami0" ? INDEX.nanami0 : INDEX.eth0);
const nameOf = (index: number): string => (index === INDEX.nanami0 ? "nanami0" : "eth0");

const states = [
  privateIntent(),
  fullIntent(),
  nestedIntent(),
  { ...fullIntent(), allowLocalNetwork: true },
].map((intent) =>
  desiredState(intent, {
    interface: "nanami0",
    tracks: true,
    onLink: [{ interface: "eth0", prefix: "192.168.7.0/24" as never }],
    closed: false,
  }),
);

/** As the kernel hands it back. */
const answered = (body: Buffer) => ({ type: 0, flags: 0, sequence: 1, body });
const bodyOf = (rule: Rule): Buffer => requestOf({ do: "rule_add", rule }, indexOf).body;

test("every route and rule that is ever wanted is read back as it was asked for", () => {
  for (const { routes, rules } of states) {
    const made = routes.map(
      (route) => requestOf({ do: "route_replace", route, interface: "nanami0" }, indexOf).body,
    );
    expect(routesIn(made.map(answered), "nanami0", nameOf)).toEqual(
      routes.map(({ family, to, metric, via }) => ({ family, to, metric, via })),
    );
    expect(rulesIn(rules.map(bodyOf).map(answered))).toEqual(
      rules.map((rule) => ({ family: rule.family, priority: rule.priority, rule })),
    );
  }
});

test("a rule of ours that somebody made to mean something else is no rule of ours", () => {
  const rule = states[1]?.rules.find(({ action }) => action === "table");
  if (rule === undefined) throw new Error("there is no such rule");
  const body = bodyOf(rule);
  const read = (bytes: Buffer) => rulesIn([answered(bytes)])[0]?.rule;
  expect(read(body)).toEqual(rule);
  for (const type of [FRA.iifname, FRA.oifname, FRA.uidRange, FRA.sport, FRA.dport, FRA.goto, FRA.dscp])
    expect(read(Buffer.concat([body, attribute(type, [1, 0, 0, 0])])), `attribute ${type}`).toBeNull();
  // Protocol TCP, a type of service, everything but.
  expect(read(Buffer.concat([body, attribute(FRA.ipProto, [6])]))).toBeNull();
  const [tos, inverted] = [Buffer.from(body), Buffer.from(body)];
  tos.writeUInt8(8, 3);
  inverted.writeUInt32LE(2, 8);
  expect([read(tos), read(inverted)]).toEqual([null, null]);
  // What a newer kernel may add says nothing.
  expect(read(Buffer.concat([body, attribute(99, [1])]))).toEqual(rule);
});

test("a route by a gateway in our table is of no kind that we make; other tables are no concern", () => {
  const [state] = states;
  const route = state?.routes.find(({ via, family }) => via.kind === "tunnel" && family === 4);
  if (route === undefined) throw new Error("there is no such route");
  const { body } = requestOf({ do: "route_replace", route, interface: "nanami0" }, indexOf);
  const byGateway = Buffer.concat([body, attribute(5, [192, 168, 7, 1])]);
  expect(routesIn([answered(byGateway)], "nanami0", nameOf).map(({ via }) => via)).toEqual([null]);
  const elsewhere = Buffer.concat([body, attribute(15, [254, 0, 0, 0])]);
  expect(routesIn([answered(elsewhere)], "nanami0", nameOf)).toEqual([]);
});

test("addresses are read with their length, and those that the kernel made are left out", () => {
  const body = (address: string): Buffer =>
    requestOf({ do: "address_add", interface: "nanami0", address: address as never }, indexOf).body;
  const linkLocal = Buffer.from(body("fe80::1/64"));
  linkLocal.writeUInt8(253, 3);
  const messages = [body("10.90.0.2/32"), body("fd00:90::2/128"), linkLocal].map(answered);
  expect(addressesIn(messages, INDEX.nanami0)).toEqual(["10.90.0.2/32", "fd00:90::2/128"]);
  expect(addressesIn(messages, INDEX.eth0)).toEqual([]);
});

test("whatever bytes come, reading them ends and claims nothing beyond them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const datagram = Buffer.from(bytes);
      const messages = [...messagesIn(datagram), answered(datagram)];
      for (const { body } of messages) expect(body.length).toBeLessThanOrEqual(datagram.length);
      for (const offset of Object.values(STRUCT)) attributesIn(datagram, offset);
      messages.map(linkIn);
      addressesIn(messages, INDEX.nanami0);
      routesIn(messages, "nanami0", nameOf);
      rulesIn(messages);
    }),
    { numRuns: 5_000 },
  );
});

test("messages and attributes begin at multiples of four", () => {
  const bytes = Buffer.concat([
    message(1, 0, 5, attribute(3, [1])),
    message(2, 0, 6, Buffer.concat([attribute(4, [1, 2, 3, 4, 5]), attribute(5, [6])])),
  ]);
  const [first, second] = messagesIn(bytes);
  expect(first).toMatchObject({ type: 1, sequence: 5 });
  expect(
    [...attributesIn(second?.body ?? Buffer.alloc(0), 0)].map(([type, value]) => [type, [...value]]),
  ).toEqual([
    [4, [1, 2, 3, 4, 5]],
    [5, [6]],
  ]);
});
