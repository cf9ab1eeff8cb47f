/**
 * What routers say beside addresses: the kernel hands options of a router advertisement that it has no use for to
 * whoever listens (RTM_NEWNDUSEROPT, rtnetlink(7)), the captive portal's among them (option 37, RFC 8910). Nothing
 * but a netlink socket tells of them: `ip monitor` does not print them, and nobody can ask for past ones.
 */
import { libc, SOCK_FLAGS, SOCK_RAW, AF_NETLINK } from "../../tunnel/linux/libc.ts";
import { FROM, GROUP, groupsAddress } from "../../tunnel/linux/netlink-socket.ts";
import { MESSAGE, messagesIn } from "../../tunnel/linux/netlink/message.ts";

/** Length of `struct nduseroptmsg`. */
const FIXED = 16;
const ROUTER_ADVERTISEMENT = 134;
const CAPTIVE_PORTAL = 37;
const BUFFER = 16_384;
/** Most datagrams that are read at once: more than that come from somebody who floods. */
const MOST = 64;

/** What a router said of its sign-in page, on the link with this index. */
export interface RouterWord {
  readonly link: number;
  readonly text: string;
}

/** The captive-portal options in a datagram of netlink. Pure. */
export function routerWords(datagram: Buffer): readonly RouterWord[] {
  const words: RouterWord[] = [];
  for (const { type, body } of messagesIn(datagram).messages)
    if (type === MESSAGE.newRouterOption && body.length >= FIXED) words.push(...optionsOf(body));
  return words;
}

function optionsOf(body: Buffer): readonly RouterWord[] {
  const link = body.readInt32LE(4);
  if (body[8] !== ROUTER_ADVERTISEMENT) return [];
  const options = body.subarray(FIXED, FIXED + body.readUInt16LE(2));
  const words: RouterWord[] = [];
  for (let at = 0; at + 2 <= options.length;) {
    const length = 8 * (options[at + 1] ?? 0);
    if (length === 0 || at + length > options.length) break;
    // Padded with zeros to a multiple of eight bytes.
    const text = options
      .subarray(at + 2, at + length)
      .toString("latin1")
      .replace(/\0+$/, "");
    if (options[at] === CAPTIVE_PORTAL) words.push({ link, text });
    at += length;
  }
  return words;
}

/** Listens from now on. `read` answers what came since it was called last. Throws where the kernel refuses. */
export function listenToRouters(): { readonly read: () => readonly RouterWord[] } & Disposable {
  const { socket, bind, recv, close, errno } = libc();
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, FROM.network);
  if (fd < 0) throw new Error(`no netlink socket: errno ${errno()}`);
  const address = groupsAddress([GROUP.routerOption]);
  if (bind(fd, address, address.length) !== 0) {
    const code = errno();
    close(fd);
    throw new Error(`the netlink socket cannot be bound: errno ${code}`);
  }
  const buffer = Buffer.alloc(BUFFER);
  return {
    read: () => {
      const words: RouterWord[] = [];
      for (let count = 0; count < MOST; count += 1) {
        const length = recv(fd, buffer, buffer.length, 0);
        // Nothing (more) there; or some were lost, and the next advertisement says it again.
        if (length <= 0) break;
        words.push(...routerWords(buffer.subarray(0, length)));
      }
      return words;
    },
    [Symbol.dispose]: () => close(fd),
  };
}
