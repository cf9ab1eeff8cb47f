/** Names and addresses: the address book, look-ups, and connections through both. */
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import dnsPacket from "dns-packet";
import { expect, test } from "vitest";
import { AddressBook } from "../../../src/agent/address-book.ts";
import { lookUpThrough, nameServers, readAnswer, systemResolvers } from "../../../src/agent/look-up.ts";
import { connectThrough } from "../../../src/agent/marked-connect.ts";
import { plainSockets } from "../../../src/agent/marked-socket.ts";
import { RESOLV_CONF_HEADER } from "../../../src/tunnel/dns/resolv-conf.ts";

async function all(candidates: AsyncGenerator<string>): Promise<string[]> {
  const seen: string[] = [];
  for await (const address of candidates) seen.push(address);
  return seen;
}

test("an address needs no look-up", async () => {
  const book = new AddressBook(
    {},
    () => Promise.reject(new Error("asked")),
    () => undefined,
  );
  expect(await all(book.candidates("203.0.113.1"))).toEqual(["203.0.113.1"]);
  expect(book.known("2001:db8::1")).toEqual(["2001:db8::1"]);
});

test("good addresses come first, then what the resolver says", async () => {
  const book = new AddressBook(
    { cp: ["192.0.2.1"] },
    () => Promise.resolve(["192.0.2.2", "192.0.2.1"]),
    () => undefined,
  );
  expect(await all(book.candidates("cp"))).toEqual(["192.0.2.1", "192.0.2.2"]);
  expect(book.known("cp")).toEqual(["192.0.2.1", "192.0.2.2"]);
});

test("the resolver is not asked while a good address serves", async () => {
  let asked = 0;
  const lookUp = () => Promise.resolve(((asked += 1), []));
  const book = new AddressBook({ cp: ["192.0.2.1"] }, lookUp, () => undefined);
  expect((await book.candidates("cp").next()).value).toBe("192.0.2.1");
  expect(asked).toBe(0);
});

test("a resolver that is away leaves the good addresses", async () => {
  const book = new AddressBook(
    { cp: ["192.0.2.1"] },
    () => Promise.reject(new Error("away")),
    () => undefined,
  );
  expect(await all(book.candidates("cp"))).toEqual(["192.0.2.1"]);
});

test("an address that answered and was not the right one goes to the end, until it is confirmed", async () => {
  const saved: unknown[] = [];
  const book = new AddressBook(
    { cp: ["192.0.2.1"] },
    () => Promise.resolve(["192.0.2.2"]),
    (a) => saved.push(a),
  );
  book.used("cp", "192.0.2.1");
  expect(await all(book.candidates("cp"))).toEqual(["192.0.2.2", "192.0.2.1"]);
  book.used("cp", "192.0.2.2");
  book.confirm("cp");
  expect(saved).toEqual([{ cp: ["192.0.2.2", "192.0.2.1"] }]);
  expect((await book.candidates("cp").next()).value).toBe("192.0.2.2");
});

test("only addresses are read from resolv.conf, three at most", () => {
  const text =
    "# nameserver 1.1.1.1\nsearch example\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver x\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n";
  expect(nameServers(text)).toEqual(["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
});

const question = { type: "A", name: "cp.example" } as const;
function answer(change: Partial<dnsPacket.Packet> = {}): Buffer {
  const answers = [{ type: "A", name: "cp.example", data: "192.0.2.9" } as const];
  return dnsPacket.encode({ id: 7, type: "response", questions: [question], answers, ...change });
}

test("an answer is taken only when it belongs to the question", () => {
  expect(readAnswer(answer(), 7, "cp.example", "A")).toEqual(["192.0.2.9"]);
  expect(readAnswer(answer(), 8, "cp.example", "A")).toBeUndefined();
  expect(readAnswer(answer({ type: "query" }), 7, "cp.example", "A")).toBeUndefined();
  expect(readAnswer(answer(), 7, "other.example", "A")).toBeUndefined();
  expect(readAnswer(answer(), 7, "cp.example", "AAAA")).toBeUndefined();
  expect(readAnswer(Buffer.from("garbage"), 7, "cp.example", "A")).toBeUndefined();
});

test("aliases are followed, loops end, and records of other names are ignored", () => {
  const answers = [
    { type: "CNAME", name: "cp.example", data: "edge.example" },
    { type: "A", name: "edge.example", data: "192.0.2.10" },
    { type: "A", name: "evil.example", data: "192.0.2.66" },
  ] as const;
  expect(readAnswer(answer({ answers: [...answers] }), 7, "cp.example", "A")).toEqual(["192.0.2.10"]);
  const loop = [
    { type: "CNAME", name: "cp.example", data: "a.example" },
    { type: "CNAME", name: "a.example", data: "cp.example" },
  ] as const;
  expect(readAnswer(answer({ answers: [...loop] }), 7, "cp.example", "A")).toEqual([]);
});

test("a look-up asks for both families, ignores strangers, and goes on to the next resolver", async () => {
  const resolver = createSocket("udp4");
  const stranger = createSocket("udp4");
  await new Promise<void>((done) => resolver.bind(0, "127.0.0.1", done));
  resolver.on("message", (message, from) => {
    const query = dnsPacket.decode(message);
    const [asked] = query.questions ?? [];
    const reply = (data: string) =>
      dnsPacket.encode({
        id: query.id ?? 0,
        type: "response",
        questions: query.questions ?? [],
        answers: asked?.type === "A" ? [{ type: "A", name: asked.name, data }] : [],
      });
    stranger.send(reply("192.0.2.66"), from.port, from.address, () =>
      resolver.send(reply("192.0.2.9"), from.port, from.address),
    );
  });
  const { port } = resolver.address();
  const lookUp = lookUpThrough(plainSockets, () => ["127.0.0.1"], port);
  expect(await lookUp("cp.example")).toEqual(["192.0.2.9"]);
  expect(await lookUp("localhost")).toContain("127.0.0.1");
  resolver.close();
  stranger.close();
});

test("a connection goes to the first address that answers", async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // Nobody listens on 127.0.0.2.
  const book = new AddressBook(
    {},
    () => Promise.resolve(["127.0.0.2", "127.0.0.1"]),
    () => undefined,
  );
  const connect = connectThrough(plainSockets, book);
  const socket = await connect({ host: "cp.example", port, signal: AbortSignal.timeout(2000) });
  expect(socket.remoteAddress).toBe("127.0.0.1");
  socket.destroy();
  server.close();
  await expect(connect({ host: "cp.example", port: 1, signal: AbortSignal.timeout(2000) })).rejects.toThrow(
    "ECONNREFUSED",
  );
  const nobody = connectThrough(
    plainSockets,
    new AddressBook(
      {},
      () => Promise.resolve([]),
      () => undefined,
    ),
  );
  await expect(nobody({ host: "cp.example", port, signal: AbortSignal.timeout(2000) })).rejects.toThrow(
    "has no address",
  );
});

test("behind systemd-resolved's stub those that it asks itself are meant; a file of our own says nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-names-"));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const uplinks = write("uplinks", "nameserver 192.168.7.1\nnameserver fe80::1%wlan0\n");
  expect(systemResolvers(write("stub", "nameserver 127.0.0.53\n"), uplinks)).toEqual(["192.168.7.1"]);
  expect(systemResolvers(write("plain", "nameserver 192.0.2.1\n"), uplinks)).toEqual(["192.0.2.1"]);
  expect(systemResolvers(write("local", "nameserver 127.0.0.1\n"), uplinks)).toEqual(["127.0.0.1"]);
  expect(systemResolvers(write("ours", `${RESOLV_CONF_HEADER}nameserver 10.20.0.53\n`), uplinks)).toBeNull();
  expect(systemResolvers(join(folder, "missing"), uplinks)).toEqual([]);
  rmSync(folder, { recursive: true });
});
