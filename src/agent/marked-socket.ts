/**
 * Sockets that carry the agent's own firewall mark: the one thing that may leave a closed device besides the
 * encrypted packets (SO_MARK, socket(7); needs CAP_NET_ADMIN). Node cannot mark its sockets, so they are made by the
 * C library and handed to Node as descriptors.
 */
import net from "node:net";
import {
  AF_INET,
  AF_INET6,
  libc,
  SOCK_DGRAM,
  SOCK_FLAGS,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_BINDTODEVICE,
  SO_MARK,
} from "../tunnel/linux/libc.ts";

/** Makes the two kinds of socket the agent needs; the plain ones are for tests and for systems without marks. */
export interface SocketMaker {
  /** An unconnected TCP socket for addresses of this family. */
  tcp(family: 4 | 6): net.Socket;
  /** The descriptor of an unbound UDP socket; undefined = let Node make one. */
  udp(family: 4 | 6): number | undefined;
}

export const plainSockets: SocketMaker = {
  tcp: () => new net.Socket(),
  udp: () => undefined,
};

/** Sockets with this mark. Throws when the system refuses it: an unmarked one would be closed in, or leak. */
export function markedSockets(mark: number): SocketMaker {
  return {
    tcp: (family) => new net.Socket({ fd: markedDescriptor(mark, family, SOCK_STREAM) }),
    udp: (family) => markedDescriptor(mark, family, SOCK_DGRAM),
  };
}

/** Sockets without a mark that leave by this interface, whatever the routes say. */
export function boundSockets(interfaceName: string): SocketMaker {
  const name = Buffer.from(`${interfaceName}\0`);
  const make = (family: 4 | 6, type: number): number => descriptor(family, type, SO_BINDTODEVICE, name);
  return {
    tcp: (family) => new net.Socket({ fd: make(family, SOCK_STREAM) }),
    udp: (family) => make(family, SOCK_DGRAM),
  };
}

function markedDescriptor(mark: number, family: 4 | 6, type: number): number {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(mark);
  return descriptor(family, type, SO_MARK, value);
}

function descriptor(family: 4 | 6, type: number, option: number, value: Buffer): number {
  const { socket, setsockopt, close, errno } = libc();
  const fd = socket(family === 4 ? AF_INET : AF_INET6, type | SOCK_FLAGS, 0);
  if (fd < 0) throw new Error(`no socket of family IPv${family}: errno ${errno()}`);
  if (setsockopt(fd, SOL_SOCKET, option, value, value.length) !== 0) {
    const code = errno();
    close(fd);
    throw new Error(`the socket cannot be marked or bound (errno ${code}); the agent needs CAP_NET_ADMIN`);
  }
  return fd;
}
