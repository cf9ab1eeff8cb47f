/**
 * logind's word that the machine woke up (`PrepareForSleep(false)`, org.freedesktop.login1(5)), which comes sooner
 * than the clocks tell. Where there is no system bus there is nothing to hear, and that is no error.
 */
import { z } from "zod";

const Woke = z.object({
  interface: z.literal("org.freedesktop.login1.Manager"),
  member: z.literal("PrepareForSleep"),
  body: z.tuple([z.literal(false)]),
});

/** Whether a message of the bus says that the machine woke up. */
export function saysAwake(message: unknown): boolean {
  return Woke.safeParse(message).success;
}

const MATCH =
  "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'";

/** Calls back when the machine woke up. Dispose to stop. */
export async function watchSleep(woke: () => void): Promise<Disposable> {
  // Loaded here: where there is no bus the agent does not pay for it.
  const { systemBus } = await import("@homebridge/dbus-native");
  const bus = systemBus();
  bus.connection.on("error", () => undefined);
  bus.connection.on("message", (message: unknown) => {
    if (saysAwake(message)) woke();
  });
  const call = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" };
  bus.invoke(
    { ...call, interface: "org.freedesktop.DBus", member: "AddMatch", signature: "s", body: [MATCH] },
    () => undefined,
  );
  return { [Symbol.dispose]: () => bus.connection.stream.destroy() };
}
