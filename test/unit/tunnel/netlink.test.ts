import fc from "fast-check";
import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import {
  attribute,
  attributesIn,
  message,
  messagesIn,
  number32,
  numberIn,
  type Message,
} from "../../../src/tunnel/linux/netlink/message.ts";
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
const addressBody = (address: string): Buffer =>
  requestOf({ do: "address_add", interface: "nanami0", address: address as never }, indexOf).body;

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
  const linkLocal = Buffer.from(addressBody("fe80::1/64"));
  linkLocal.writeUInt8(253, 3);
  const messages = [addressBody("10.90.0.2/32"), addressBody("fd00:90::2/128"), linkLocal].map(answered);
  expect(addressesIn(messages, INDEX.nanami0)).toEqual(["10.90.0.2/32", "fd00:90::2/128"]);
  expect(addressesIn(messages, INDEX.eth0)).toEqual([]);
});

test("whatever bytes come, reading them ends and claims nothing beyond them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const datagram = Buffer.from(bytes);
      const messages = [...messagesIn(datagram).messages, answered(datagram)];
      for (const { body } of messages) expect(body.length).toBeLessThanOrEqual(datagram.length);
      for (const offset of Object.values(STRUCT)) attributesIn(datagram, offset);
      readAll(messages);
    }),
    { numRuns: 5_000 },
  );
});

const readAll = (messages: readonly Message[]): void => {
  messages.map(linkIn);
  addressesIn(messages, INDEX.nanami0);
  routesIn(messages, "nanami0", nameOf);
  rulesIn(messages);
};

test("what the kernel could answer, with any bytes of it changed and the rest cut off, is read without a fault", () => {
  const bodies = states.flatMap(({ routes, rules }) => [
    ...routes.map((route) => requestOf({ do: "route_replace", route, interface: "nanami0" }, indexOf).body),
    ...rules.map(bodyOf),
    addressBody("10.90.0.2/32"),
    addressBody("fd00:90::2/128"),
  ]);
  const changes = fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...bodies), changes, fc.nat(64), (body, changed, length) => {
      const bytes = Buffer.from(body);
      for (const [at, value] of changed) bytes[at % bytes.length] = value;
      readAll([answered(bytes), answered(bytes.subarray(0, length))]);
    }),
    { numRuns: 20_000 },
  );
});

/** One or more messages, each with some attributes of any length. */
const written = fc.array(
  fc.record({
    type: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    sequence: fc.nat(0xffffffff),
    attributes: fc.uniqueArray(fc.tuple(fc.nat(0x3fff), fc.uint8Array({ maxLength: 9 })), {
      selector: ([type]) => type,
      maxLength: 4,
    }),
  }),
  { minLength: 1, maxLength: 4 },
);

test("what was written is read back, and wherever it is cut off, that is said and nothing is made up", () => {
  fc.assert(
    fc.property(written, fc.nat(), (messages, cut) => {
      const parts = messages.map(({ type, flags, sequence, attributes }) =>
        message(
          type,
          flags,
          sequence,
          Buffer.concat(attributes.map((one) => attribute(one[0], [...one[1]]))),
        ),
      );
      const datagram = Buffer.concat(parts);
      const read = messagesIn(datagram);
      expect(read.cut).toBe(false);
      expect(
        read.messages.map(({ body, ...head }) => ({
          ...head,
          attributes: [...attributesIn(body, 0)].map(([type, value]) => [type, new Uint8Array(value)]),
        })),
      ).toEqual(messages);
      const end = cut % datagram.length;
      const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index + 1)).length);
      const part = messagesIn(datagram.subarray(0, end));
      expect(part.messages).toEqual(read.messages.slice(0, ends.filter((one) => one <= end).length));
      expect(part.cut).toBe(end > 0 && !ends.includes(end));
    }),
  );
});

test("no length of a message or an attribute makes reading it stand still, nor reach beyond its end", () => {
  const sized = (length: number): Buffer => {
    const bytes = message(1, 0, 1, attribute(3, [1, 2, 3, 4]));
    bytes.writeUInt32LE(length, 0);
    return bytes;
  };
  for (const length of [0, 1, 15, 25, 0x7fffffff, 0xfffffffd, 0xffffffff])
    expect(messagesIn(sized(length)), `a message of ${length}`).toEqual({ messages: [], cut: true });
  for (const length of [0, 3, 9, 0xffff]) {
    const bytes = Buffer.concat([attribute(2, [7]), attribute(3, [1, 2, 3, 4])]);
    bytes.writeUInt16LE(length, 8);
    expect([...attributesIn(bytes, 0).keys()], `an attribute of ${length}`).toEqual([2]);
  }
  expect(attributesIn(attribute(3, [1]), 400).size).toBe(0);
});

test("one attribute alone can be asked for; of two of one type the last counts, and a short number is none", () => {
  const body = Buffer.concat([attribute(1, [1]), attribute(2, number32(5)), attribute(2, number32(6))]);
  expect([...attributesIn(body, 0, 2).keys()]).toEqual([2]);
  expect(numberIn(attributesIn(body, 0), 2)).toBe(6);
  expect(numberIn(attributesIn(body, 0), 1)).toBeUndefined();
});

test("messages and attributes begin at multiples of four", () => {
  const bytes = Buffer.concat([
    message(1, 0, 5, attribute(3, [1])),
    message(2, 0, 6, Buffer.concat([attribute(4, [1, 2, 3, 4, 5]), attribute(5, [6])])),
  ]);
  const [first, second] = messagesIn(bytes).messages;
  expect(first).toMatchObject({ type: 1, sequence: 5 });
  expect(
    [...attributesIn(second?.body ?? Buffer.alloc(0), 0)].map(([type, value]) => [type, [...value]]),
  ).toEqual([
    [4, [1, 2, 3, 4, 5]],
    [5, [6]],
  ]);
});
