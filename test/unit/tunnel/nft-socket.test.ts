import { openSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { AF_NETLINK, libc, SOCK_FLAGS, SOCK_RAW } from "../../../src/tunnel/linux/libc.ts";
import { takeAway, withItsSockets } from "../../../src/tunnel/linux/nft-socket.ts";

const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const ENOTSOCK = 88;
const O_CLOEXEC = 0o2000000;

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
  const after = open(NETLINK_NETFILTER);
  expect(after).not.toBe(made.own);
  for (const fd of [foreign, made.other, made.own, after]) close(fd);
});

test("a number that has become something else since is left alone", () => {
  const { socket, dup3, close } = libc();
  const { made, sockets } = withItsSockets(() =>
    socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, NETLINK_NETFILTER),
  );
  expect(sockets).toEqual([made]);
  const file = openSync(import.meta.filename, "r");
  dup3(file, made, O_CLOEXEC);
  takeAway(sockets);
  expect(readlinkSync(`/proc/self/fd/${made}`)).toBe(import.meta.filename);
  for (const fd of [file, made]) close(fd);
});
