/**
 * logind's word that the machine woke up (`PrepareForSleep(false)`, org.freedesktop.login1(5)), which comes sooner
 * than the clocks tell. Where there is no system bus there is nothing to hear, and that is no error.
 */
import { z } from "zod";

const LOGIND = "org.freedesktop.login1";

const Woke = z.object({
  interface: z.literal(`${LOGIND}.Manager`),
  member: z.literal("PrepareForSleep"),
  /** The connection that sent it; the bus writes it, nobody else can (D-Bus specification, header fields). */
  sender: z.string(),
  body: z.tuple([z.literal(false)]),
});

/** Which connection of the bus says that the machine woke up; null = the message says something else. */
export function saysAwake(message: unknown): string | null {
  const woke = Woke.safeParse(message);
  return woke.success ? woke.data.sender : null;
}

const BUS = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
} as const;
const MATCH = `type='signal',sender='${LOGIND}',interface='${LOGIND}.Manager',member='PrepareForSleep'`;

/**
 * Calls back when the machine woke up. Resolves when it listens; dispose to stop. The match holds for what is said to
 * everybody; anybody on the bus can say something to one connection alone, so who it was is looked up.
 */
export async function watchSleep(woke: () => void): Promise<Disposable> {
  // Loaded here: where there is no bus the agent does not pay for it.
  const { systemBus } = await import("@homebridge/dbus-native");
  const bus = systemBus();
  bus.connection.on("error", () => undefined);
  bus.connection.on("message", (message: unknown) => {
    const sender = saysAwake(message);
    if (sender === null) return;
    bus.invoke(
      { ...BUS, member: "GetNameOwner", signature: "s", body: [LOGIND] },
      (error, owner: unknown) => {
        if (!error && owner === sender) woke();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    bus.connection.on("error", reject);
    bus.invoke({ ...BUS, member: "AddMatch", signature: "s", body: [MATCH] }, () => resolve());
  });
  return { [Symbol.dispose]: () => bus.connection.stream.destroy() };
}
