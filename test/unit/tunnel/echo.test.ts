import { describe, expect, it } from "vitest";
import { awaitEcho, echoRequest, sequenceOfReply } from "../../../src/tunnel/linux/echo.ts";
import { parseAddress, type Address } from "../../../src/wireguard/address.ts";

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

const ipHeader = Buffer.from("45000000000000004001000000000000000000", "hex");
const reply = (type: number, identifier: number, sequence: number): Buffer => {
  const packet = Buffer.alloc(8);
  packet.writeUInt8(type, 0);
  packet.writeUInt16BE(identifier, 4);
  packet.writeUInt16BE(sequence, 6);
  return packet;
};

describe("an echo", () => {
  it("is asked for as RFC 792 and RFC 4443 say, with the checksum of RFC 1071", () => {
    expect(echoRequest(4, 0x1234, 1).toString("hex")).toBe("0800e5ca12340001");
    expect(echoRequest(6, 0x1234, 1).toString("hex")).toBe("8000000012340001");
  });

  it("is recognised behind an IPv4 header and without one for IPv6", () => {
    const header = Buffer.concat([ipHeader, Buffer.alloc(1)]);
    expect(sequenceOfReply(Buffer.concat([header, reply(0, 7, 3)]), 4, 7)).toBe(3);
    expect(sequenceOfReply(reply(129, 7, 3), 6, 7)).toBe(3);
  });

  it.each([
    ["another asker's", reply(129, 8, 3)],
    ["a request", reply(128, 7, 3)],
    ["an error", reply(1, 7, 3)],
    ["half a packet", reply(129, 7, 3).subarray(0, 5)],
    ["nothing", Buffer.alloc(0)],
  ])("is not taken from %s", (_what, bytes) => {
    expect(sequenceOfReply(bytes, 6, 7)).toBeUndefined();
  });
});

const root = process.getuid?.() === 0;
describe.skipIf(!root)(`a real echo${root ? "" : " (needs root for a raw socket)"}`, () => {
  it.each(["127.0.0.1", "::1"])("comes back from %s in well under a second", async (where) => {
    const roundTrip = await new Promise<number>((resolve) => awaitEcho(address(where), resolve));
    expect(roundTrip).toBeLessThan(1000);
  });

  it("says nothing after it was stopped", async () => {
    let heard = 0;
    awaitEcho(address("192.0.2.1"), () => (heard += 1))[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toBe(0);
  });
});
