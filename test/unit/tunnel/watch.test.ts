import { describe, expect, it } from "vitest";
import { newsFilter } from "../../../src/tunnel/linux/watch.ts";

const ADDRESS = "2: eth0    inet6 2001:db8:50::10/64 scope global dynamic mngtmpaddr ";
const lifetime = (seconds: number): string => `       valid_lft ${seconds}sec preferred_lft ${seconds}sec`;
const route = (seconds: number): string =>
  `default via fe80::1 dev eth0 proto ra metric 1024 expires ${seconds}sec pref medium`;

describe("of what the kernel reports", () => {
  it("an advertisement is news once, whatever its lifetimes", () => {
    const isNews = newsFilter();
    const lines = [ADDRESS, lifetime(30), route(1800), ADDRESS, lifetime(29), route(1799)];
    expect(lines.map(isNews)).toEqual([true, true, true, false, false, false]);
  });

  it("everything else is news each time", () => {
    const isNews = newsFilter();
    for (const line of [
      "2: eth0: <NO-CARRIER,BROADCAST> mtu 1500 state DOWN",
      "Deleted default dev nanami0 table 20033",
      "Deleted 5105:\tfrom all lookup 20033",
      "2: eth0    inet 192.168.1.7/24 scope global eth0",
      `Deleted ${route(30)}`,
    ])
      expect([isNews(line), isNews(line)]).toEqual([true, true]);
  });

  it("an advertisement after something else happened is news again", () => {
    const isNews = newsFilter();
    expect([ADDRESS, `Deleted ${ADDRESS}`, ADDRESS].map(isNews)).toEqual([true, true, true]);
  });
});
