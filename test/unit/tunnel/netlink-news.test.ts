import { describe, expect, it } from "vitest";
import { networkNews, newsOfTable } from "../../../src/tunnel/linux/netlink-news.ts";
import { attribute, message as written, number32 } from "../../../src/tunnel/linux/netlink/message.ts";

const NEW_LINK = 16;
const NEW_ADDRESS = 20;
const DEL_ADDRESS = 21;
const NEW_ROUTE = 24;
const DEL_ROUTE = 25;
const DEL_RULE = 33;
const NEW_CHAIN = 0x0a03;
const NEW_TABLE = 0x0a00;
const DEL_TABLE = 0x0a02;
const NEW_GENERATION = 0x0a0f;

const message = (type: number, fixed: Buffer, ...attributes: readonly Buffer[]): Buffer =>
  written(type, 0, 0, Buffer.concat([fixed, ...attributes]));
const times = (...seconds: number[]): Buffer => Buffer.concat(seconds.map(number32));

/** `ip address add 2001:db8:50::10/64 dev eth0 valid_lft …`: lifetimes, and the flags without "permanent". */
const address = (seconds: number, flags = 0x100, type = NEW_ADDRESS): Buffer =>
  message(
    type,
    Buffer.from([10, 64, flags & 0xff, 0, 2, 0, 0, 0]),
    attribute(1, Buffer.from("20010db8005000000000000000000010", "hex")),
    attribute(6, times(seconds, seconds, 100, 200)),
    attribute(8, number32(flags)),
  );

/** A default route that expires in so many hundredths of a second; 0 = never. */
const route = (expires: number, type = NEW_ROUTE): Buffer =>
  message(
    type,
    Buffer.from([10, 0, 0, 0, 254, 9, 0, 1, 0, 0, 0, 0]),
    attribute(5, Buffer.from("fe800000000000000000000000000001", "hex")),
    attribute(12, times(0, 0, expires, 0, 0, 0, 0, 0)),
  );

describe("of what the kernel reports of the network", () => {
  it("an advertisement is news once, whatever its lifetimes", () => {
    const isNews = networkNews();
    const heard = [address(30), route(180_000), address(29), route(179_000)];
    expect(heard.map(isNews)).toEqual([true, true, false, false]);
  });

  it("everything else is news each time", () => {
    const isNews = networkNews();
    const others = [
      message(NEW_LINK, Buffer.alloc(16)),
      message(DEL_RULE, Buffer.alloc(12)),
      route(0),
      route(180_000, DEL_ROUTE),
      address(0xffff_ffff, 0x80),
    ];
    for (const heard of others) expect([isNews(heard), isNews(heard)]).toEqual([true, true]);
  });

  it("one that says less than it has to is news each time", () => {
    const isNews = networkNews();
    const flagsCutShort = message(NEW_ADDRESS, Buffer.alloc(8), attribute(8, [0x80]));
    const timesCutShort = message(NEW_ROUTE, Buffer.alloc(12), attribute(12, times(0, 0)));
    for (const heard of [flagsCutShort, timesCutShort, message(NEW_ADDRESS, Buffer.alloc(2))])
      expect([isNews(heard), isNews(heard)]).toEqual([true, true]);
  });

  it("an advertisement after something else happened is news again", () => {
    const isNews = networkNews();
    const heard = [address(30), address(30, 0x100, DEL_ADDRESS), address(30)];
    expect(heard.map(isNews)).toEqual([true, true, true]);
  });

  it("one piece of news among repetitions in a datagram is news, and so is one that was cut off", () => {
    const isNews = networkNews();
    isNews(address(30));
    expect(isNews(Buffer.concat([address(29), message(DEL_RULE, Buffer.alloc(12))]))).toBe(true);
    isNews(address(30));
    expect(isNews(Buffer.concat([address(28), address(27)]))).toBe(false);
    expect(isNews(address(26).subarray(0, 40))).toBe(true);
  });
});

describe("of what the kernel reports of nftables", () => {
  const INET = Buffer.from([1, 0, 0, 0]);
  const chain = (table: string, family = INET): Buffer =>
    message(
      NEW_CHAIN,
      family,
      attribute(1, Buffer.from(`${table}\0`)),
      attribute(3, Buffer.from("output\0")),
    );
  const generation = message(NEW_GENERATION, Buffer.alloc(4), attribute(1, number32(7)));

  it("only our table counts", () => {
    const news = (...messages: Buffer[]) => newsOfTable(Buffer.concat(messages), "nanami");
    expect(news(chain("nanami"), generation)).toBe("changed");
    expect(news(chain("docker"), chain("nanami"))).toBe("changed");
    expect(news(chain("docker"), generation)).toBeNull();
    expect(news(chain("nanami-too"))).toBeNull();
    expect(news(chain("nanami", Buffer.from([2, 0, 0, 0])))).toBeNull();
  });

  it("what is said last of our table is whether it is there", () => {
    const table = (type: number, name: string): Buffer =>
      message(type, INET, attribute(1, Buffer.from(`${name}\0`)));
    const [made, deleted] = [table(NEW_TABLE, "nanami"), table(DEL_TABLE, "nanami")];
    const last = (...messages: Buffer[]) => newsOfTable(Buffer.concat(messages), "nanami");
    expect(last(deleted, made, chain("nanami"), generation)).toBe("made");
    expect(last(made, generation, deleted, generation)).toBe("deleted");
    expect(last(deleted, table(NEW_TABLE, "docker"), generation)).toBe("deleted");
    expect(last(table(DEL_TABLE, "docker"), chain("nanami"), generation)).toBe("changed");
  });

  it("one that was cut off may be about anything, and says nothing of whether the table is there", () => {
    const deleted = message(DEL_TABLE, INET, attribute(1, Buffer.from("nanami\0")));
    expect(newsOfTable(chain("docker").subarray(0, 20), "nanami")).toBe("changed");
    expect(newsOfTable(Buffer.concat([deleted, generation]).subarray(0, -4), "nanami")).toBe("changed");
  });
});
