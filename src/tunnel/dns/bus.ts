/** Calls over the system's message bus (D-Bus). Where there is none, nobody can be asked, and that is no error. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { z } from "zod";

/** Milliseconds for one answer. */
const PATIENCE_MS = 3000;
/** A service that does not run is not started by asking it (D-Bus specification, NO_AUTO_START). */
const NO_AUTO_START = 2;
const SOCKET = "/run/dbus/system_bus_socket";

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** What a service said instead of an answer. `code` is its name for it. */
export class BusRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === "" ? code : message);
    this.name = "BusRefusal";
    this.code = code;
  }
}

/** Asks; answers the first value of what comes back, which nobody has checked. Throws a `BusRefusal`. */
export type Ask = (call: BusCall) => Promise<unknown>;

/** A variant as the bus library gives it: the type, and a list of one value. */
export const variant = <T extends z.ZodType>(value: T) =>
  z.tuple([z.unknown(), z.tuple([value])]).transform(([, [inner]]) => inner);

/** A property of an object. */
export async function propertyOf(
  ask: Ask,
  object: Pick<BusCall, "destination" | "path">,
  of: string,
  name: string,
): Promise<unknown> {
  const call = { ...object, interface: "org.freedesktop.DBus.Properties", member: "Get" };
  return await ask({ ...call, signature: "ss", body: [of, name] });
}

/** Whether a service runs. */
export async function runs(ask: Ask, name: string): Promise<boolean> {
  const bus = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" };
  const call = { ...bus, interface: "org.freedesktop.DBus", member: "NameHasOwner" };
  return (await ask({ ...call, signature: "s", body: [name] })) === true;
}

/** Opens the bus for `work` and closes it afterwards. Null where there is no bus to open. */
export async function onSystemBus<T>(work: (ask: Ask) => Promise<T>): Promise<T | null> {
  if (!existsSync(SOCKET)) return null;
  // Loaded here: where there is no bus the agent does not pay for it.
  const { systemBus } = await import("@homebridge/dbus-native");
  const bus = systemBus();
  const { connection } = bus;
  const failed = once(connection, "error").then(([error]: unknown[]) => {
    throw new BusRefusal("disconnected", error instanceof Error ? error.message : String(error));
  });
  failed.catch(() => undefined);
  // What comes after the first error is of no interest, and must not end the process.
  connection.on("error", () => undefined);
  const ask: Ask = (call) => {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<unknown>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new BusRefusal("no_answer", `no answer to ${call.member} in time`)),
        PATIENCE_MS,
      );
      bus.invoke({ ...call, flags: NO_AUTO_START }, (error, value: unknown) => {
        if (error) reject(new BusRefusal(error.name, String(error.message)));
        else resolve(value);
      });
    });
    return Promise.race([answer, failed]).finally(() => clearTimeout(timer));
  };
  try {
    return await work(ask);
  } finally {
    connection.stream.destroy();
  }
}
