import { createSocket, type Socket } from "node:dgram";
import { connect } from "node:net";
import { mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startForwarder, type Forwarder } from "../../../src/tunnel/dns/forwarder.ts";
import { matches, questionName, serverFailure } from "../../../src/tunnel/dns/message.ts";
import { resolversOf } from "../../../src/tunnel/dns/resolv-conf.ts";
import { Resolver } from "../../../src/tunnel/dns/resolver.ts";
import { Record as TunnelRecord } from "../../../src/tunnel/record.ts";

function query(name: string, id = 0x1234): Buffer {
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.concat([head, Buffer.from([...labels, 0, 0, 1, 0, 1])]);
}

test("the name of a question is read in lower case", () => {
  expect(questionName(query("Git.Corp.Example"))).toBe("git.corp.example");
});

test("whatever is no query has no name, and nothing makes reading fail", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const name = questionName(bytes);
      if (name !== null) expect((bytes[2] ?? 0) & 0x80).toBe(0);
    }),
    { numRuns: 2000 },
  );
  const answer = query("corp.example");
  answer[2] = 0x80;
  expect(questionName(answer)).toBeNull();
  expect(questionName(query("corp.example").subarray(0, 20))).toBeNull();
});

test("a domain matches itself and what is below, not what merely ends like it", () => {
  expect(matches("corp.example", ["corp.example"])).toBe(true);
  expect(matches("git.corp.example", ["corp.example"])).toBe(true);
  expect(matches("evilcorp.example", ["corp.example"])).toBe(false);
});

test("nobody answered: SERVFAIL to the same question", () => {
  const failure = Buffer.from(serverFailure(query("corp.example")));
  expect(failure.readUInt16BE(0)).toBe(0x1234);
  expect(failure.readUInt8(2) & 0x80).toBe(0x80);
  expect(failure.readUInt8(3) & 0x0f).toBe(2);
});

describe("the forwarder", () => {
  const port = 20_000 + (process.pid % 20_000);
  const asked: string[] = [];
  let servers: Socket[];
  let forwarder: Forwarder;

  /** A resolver on a loopback address that answers every question with its own name in the last byte. */
  async function resolver(address: string, mark: number): Promise<Socket> {
    const socket = createSocket("udp4");
    socket.on("message", (message: Buffer, from) => {
      asked.push(`${address} ${questionName(message) ?? "?"}`);
      const answer = Buffer.concat([message, Buffer.from([mark])]);
      answer.writeUInt8(answer.readUInt8(2) | 0x80, 2);
      socket.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(port, address, resolve));
    return socket;
  }

  beforeEach(async () => {
    asked.length = 0;
    servers = [await resolver("127.0.9.1", 1), await resolver("127.0.9.2", 2)];
    forwarder = await startForwarder(
      { inside: ["127.0.9.1"], outside: ["127.0.9.2"], matchDomains: ["corp.example"] },
      { address: "127.0.9.9", port },
      port,
    );
  });

  afterEach(async () => {
    await forwarder.close();
    for (const server of servers) server.close();
  });

  async function ask(message: Buffer): Promise<Buffer> {
    const socket = createSocket("udp4");
    const answer = new Promise<Buffer>((resolve) => socket.once("message", resolve));
    socket.send(message, port, "127.0.9.9");
    return await answer.finally(() => socket.close());
  }

  test("names of the match domains go inside, all others outside", async () => {
    expect((await ask(query("git.corp.example"))).at(-1)).toBe(1);
    expect((await ask(query("example.org"))).at(-1)).toBe(2);
    expect(asked).toEqual(["127.0.9.1 git.corp.example", "127.0.9.2 example.org"]);
  });

  test("a server to which there is no way is passed over", async () => {
    // Refused when a socket is connected to it, like every address while a link is away.
    const noWay = "255.255.255.255";
    forwarder.change({
      inside: [noWay],
      outside: [noWay, "127.0.9.2"],
      matchDomains: ["corp.example"],
    });
    expect((await ask(query("example.org"))).at(-1)).toBe(2);
    expect((await ask(query("git.corp.example"))).readUInt8(3) & 0x0f).toBe(2);
  });

  test("a private name is never asked outside, even when nobody answers inside", async () => {
    servers.shift()?.close();
    const answer = await ask(query("git.corp.example"));
    expect(answer.readUInt8(3) & 0x0f).toBe(2);
    expect(asked).toEqual([]);
  });

  test("settings change without a moment of silence", async () => {
    forwarder.change({ inside: ["127.0.9.2"], outside: ["127.0.9.1"], matchDomains: ["org"] });
    expect((await ask(query("example.org"))).at(-1)).toBe(2);
    expect((await ask(query("git.corp.example"))).at(-1)).toBe(1);
  });

  test("over TCP it speaks in frames and closes on nonsense", async () => {
    const socket = connect(port, "127.0.9.9");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(Buffer.from([0, 3, 1, 2, 3]));
    await closed;
    expect(asked).toEqual([]);
  });
});

describe("resolv.conf", () => {
  const there = Promise.resolve();
  const resolverOf = (file: string): Resolver =>
    new Resolver({
      path: file,
      record: new TunnelRecord(join(folder, "state")),
      // Of a name that no system has, so that the system's own managers have nothing to take back.
      interface: "nanami-unit",
      log: () => undefined,
    });
  let folder: string;
  let path: string;
  let resolver: Resolver;
  const former = "search hotel.example\nnameserver 192.168.7.1\n";
  const full = { mode: "full_tunnel", servers: ["10.20.0.53"], matchDomains: [] } as const;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nanami-dns-"));
    path = join(folder, "resolv.conf");
    await writeFile(path, former);
    resolver = resolverOf(path);
  });

  afterEach(() => rm(folder, { recursive: true }));

  test("names the tunnel's servers, and the former content returns", async () => {
    await resolver.apply(full, there);
    expect(await readFile(path, "utf8")).toMatch(/^nameserver 10\.20\.0\.53$/m);
    expect(await readFile(path, "utf8")).not.toContain("192.168.7.1");
    await resolver.restore();
    expect(await readFile(path, "utf8")).toBe(former);
  });

  test("also when the agent that wrote it is gone", async () => {
    await resolver.apply(full, there);
    await resolverOf(path).restore();
    expect(await readFile(path, "utf8")).toBe(former);
  });

  test("what another program wrote meanwhile stays on disconnect", async () => {
    await resolver.apply(full, there);
    await writeFile(path, "nameserver 192.168.8.1\n");
    await resolver.restore();
    expect(await readFile(path, "utf8")).toBe("nameserver 192.168.8.1\n");
  });

  test("what another program wrote is replaced while connected, and is what returns", async () => {
    await resolver.apply(full, there);
    await writeFile(path, "nameserver 192.168.8.1\n");
    await resolver.apply(full, there);
    expect(await readFile(path, "utf8")).toContain("10.20.0.53");
    await resolver.restore();
    expect(await readFile(path, "utf8")).toBe("nameserver 192.168.8.1\n");
  });

  test("a symbolic link comes back as the same link", async () => {
    const target = join(folder, "stub");
    await writeFile(target, former);
    await rm(path);
    await symlink(target, path);
    await resolver.apply(full, there);
    expect(await readFile(target, "utf8")).toBe(former);
    // Killed in the middle of an earlier attempt.
    await symlink("elsewhere", `${path}.nanami`);
    await resolver.restore();
    expect(await readlink(path)).toBe(target);
  });

  test("our own text is never taken for the former one, also when the record of it was lost", async () => {
    await resolver.apply(full, there);
    await writeFile(join(folder, "state", "undo.json"), "{");
    await resolver.apply({ ...full, servers: ["10.20.0.54"] }, there);
    expect(await readFile(path, "utf8")).toContain("10.20.0.54");
    await resolver.restore();
    await expect(readFile(path, "utf8")).rejects.toThrow("ENOENT");
  });

  test("without servers nothing is touched", async () => {
    await resolver.apply({ ...full, servers: [] }, there);
    await resolver.apply({ mode: "vpn_only", servers: ["10.20.0.53"], matchDomains: [] }, there);
    expect(await readFile(path, "utf8")).toBe(former);
  });

  test("the servers of a file are read as the resolver reads them", () => {
    expect(resolversOf("nameserver 1.1.1.1\n  nameserver\t2001:db8::1\n# nameserver 9.9.9.9\n")).toEqual([
      "1.1.1.1",
      "2001:db8::1",
    ]);
  });
});
