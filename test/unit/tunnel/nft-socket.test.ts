import { expect, test } from "vitest";
import { AF_NETLINK, libc, SOCK_FLAGS, SOCK_RAW } from "../../../src/tunnel/linux/libc.ts";
import { takeAway, withItsSockets } from "../../../src/tunnel/linux/nft-socket.ts";

const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const ENOTSOCK = 88;

test("whoever has its sockets taken away says nothing more to the firewall, and nobody else is meant", () => {
  const { socket, send, close, errno } = libc();
  const open = (protocol: number): number => socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, protocol);
  const foreign = open(NETLINK_NETFILTER);
  const { made, sockets } = withItsSockets(() => ({
    other: open(NETLINK_ROUTE),
    own: open(NETLINK_NETFILTER),
  }));
  expect(sockets).toEqual([made.own]);

  takeAway(sockets);
  // No message at all is no harm to anybody; the kernel has its own word for it.
  const refusal = (fd: number): number => (send(fd, Buffer.alloc(0), 0, 0) === 0 ? 0 : errno());
  expect(refusal(made.own)).toBe(ENOTSOCK);
  expect(refusal(foreign)).not.toBe(ENOTSOCK);
  expect(refusal(made.other)).not.toBe(ENOTSOCK);
  // Whoever still means that number meets nobody who came after.
  expect(open(NETLINK_NETFILTER)).not.toBe(made.own);
  for (const fd of [foreign, made.other, made.own]) close(fd);
});
