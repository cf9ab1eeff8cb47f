/**
 * Traffic of a busy device, as a plan in JSON says; runs until it is ended. What is refused is not sent later: the
 * sockets' own word does not matter here. Usage: `load.ts <plan>`.
 */
import { createSocket, type Socket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { boundSockets } from "../../../src/agent/marked-socket.ts";

/** Datagrams to one place. */
export interface Flow {
  readonly to: string;
  readonly port: number;
  /** Datagrams a second. */
  readonly rate: number;
  /** Address to bind to; it may not be there yet, or be gone for a while. Absent = any. */
  readonly from?: string;
  /** Interface to bind to (SO_BINDTODEVICE). */
  readonly device?: string;
}

export interface LoadPlan {
  /** What every datagram says. */
  readonly text: string;
  readonly flows: readonly Flow[];
  readonly connections: readonly Connections[];
  /** Source ports of the connections, used in turn; absent = the system chooses. */
  readonly ports?: { readonly first: number; readonly last: number };
}

/** TCP connections to be attempted, all of them once in `everyMs`; each sends the text until it is ended. */
export interface Connections {
  readonly to: readonly { readonly host: string; readonly port: number }[];
  readonly everyMs: number;
  /** Milliseconds that one may live. */
  readonly lifeMs: number;
}

/** Milliseconds before a socket that could not be bound is tried again. */
const BIND_AGAIN_MS = 250;

const ignore = (): void => undefined;

interface Sender {
  readonly flow: Flow;
  socket: Socket | null;
  sent: number;
}

function bind(sender: Sender): void {
  const { flow } = sender;
  const family = isIPv6(flow.to) ? 6 : 4;
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  socket.once("error", () => {
    // The address is not there (yet); one that goes away later leaves the socket as it is.
    if (sender.socket !== null) return;
    socket.close();
    setTimeout(() => bind(sender), BIND_AGAIN_MS);
  });
  socket.once("listening", () => {
    sender.socket = socket;
    socket.on("error", ignore);
  });
  const fd = flow.device === undefined ? undefined : boundSockets(flow.device).udp(family);
  socket.bind(
    fd === undefined ? { port: 0, ...(flow.from === undefined ? {} : { address: flow.from }) } : { fd },
  );
}

/** One turn in a thousandth of a second: what is due of each flow. */
function pump(senders: readonly Sender[], text: string): void {
  const start = performance.now();
  setInterval(() => {
    const due = (performance.now() - start) / 1000;
    for (const sender of senders) {
      const { to, port, rate } = sender.flow;
      for (; sender.sent < due * rate; sender.sent += 1) sender.socket?.send(text, port, to, ignore);
    }
  }, 1);
}

let attempts = 0;

function attempt(place: { readonly host: string; readonly port: number }, lifeMs: number): void {
  const { ports, text } = plan;
  const localPort =
    ports === undefined ? undefined : ports.first + (attempts++ % (ports.last - ports.first + 1));
  const socket = connect({ ...place, noDelay: true, ...(localPort === undefined ? {} : { localPort }) });
  socket.on("error", ignore);
  socket.resume();
  const speaking = setInterval(() => socket.write(text), 20);
  socket.once("close", () => clearInterval(speaking));
  setTimeout(() => socket.resetAndDestroy(), lifeMs);
}

// Written by the test that starts us.
const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
const senders = plan.flows.map((flow): Sender => ({ flow, socket: null, sent: 0 }));
senders.forEach(bind);
pump(senders, plan.text);
for (const { to, everyMs, lifeMs } of plan.connections)
  setInterval(() => to.forEach((place) => attempt(place, lifeMs)), everyMs);
process.stdout.write("ready\n");
