/**
 * Notices that somebody took a peer from the interface, or changed what it carries. Nothing reports that, so the
 * program that has the peers is asked now and then over its socket (WireGuard's cross-platform interface), which costs
 * a tenth of a millisecond; for the kernel's own WireGuard, which has no such socket, the probe has to notice.
 */
import { connect, type Socket } from "node:net";

/** Milliseconds between two questions. */
const LOOK_MS = 300;
const PATIENCE_MS = 3000;
const QUESTION = "get=1\n\n";
/** Most bytes of an answer that are waited for: more come from nobody we know. */
const MOST = 4 * 1024 * 1024;
/** The lines that say which peers there are and what they carry. All others change by themselves, or are secret. */
const TELLING = /^(?:public_key|allowed_ip|fwmark)=.*$/gm;

/** What an answer says of the peers, as text to compare, in an order of its own: the program's is not always the same. */
export function peersIn(answer: string): string {
  const peers = answer.split(/^(?=public_key=)/m);
  return peers
    .map((text) => (text.match(TELLING) ?? []).sort().join(" "))
    .sort()
    .join("\n");
}

/** Calls back whenever the peers are others than at the last look. Dispose to stop. */
export function watchPeers(interfaceName: string, changed: () => void): Disposable {
  const path = `/var/run/wireguard/${interfaceName}.sock`;
  let socket: Socket | null = null;
  let answer = "";
  let before: string | null = null;
  let waiting = false;
  let asked = 0;

  const lose = (): void => {
    socket?.destroy();
    socket = null;
    answer = "";
    waiting = false;
  };
  const take = (chunk: string): void => {
    answer += chunk;
    if (answer.length > MOST) lose();
    if (!answer.endsWith("\n\n")) return;
    const now = peersIn(answer);
    answer = "";
    waiting = false;
    const isNews = before !== null && now !== before;
    before = now;
    if (isNews) changed();
  };
  const open = (): Socket => {
    const opened = connect(path);
    opened.setEncoding("latin1").unref();
    opened.on("data", take);
    // There is none while there is no interface; the interface's own end is reported by the kernel.
    opened.on("error", () => undefined);
    opened.on("close", () => {
      if (socket === opened) lose();
    });
    return opened;
  };
  const looking = setInterval(() => {
    // One that does not answer is asked anew: it may be another one by now.
    if (waiting && performance.now() - asked > PATIENCE_MS) lose();
    if (waiting) return;
    socket ??= open();
    waiting = true;
    asked = performance.now();
    socket.write(QUESTION);
  }, LOOK_MS);
  looking.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(looking);
      lose();
    },
  };
}
