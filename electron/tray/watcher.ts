/**
 * Whether there is a tray at all. On Linux it is a service of the desktop (StatusNotifierItem; GNOME has none unless
 * an extension brings it) that comes and goes, and Electron does not say: the session's message bus does.
 */
import { once } from "node:events";
import type { MessageBus } from "@homebridge/dbus-native";

declare module "@homebridge/dbus-native" {
  // Its own declarations know only the system's bus.
  export function createClient(options: { readonly busAddress: string }): MessageBus;
}

const WATCHER = "org.kde.StatusNotifierWatcher";
/** Milliseconds for the bus to answer, while a session begins and everything else does too. */
const PATIENCE_MS = 5000;

/** Asks. A bus that is not there, or does not answer in time, has no tray. */
export async function hasTray(): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const address = process.env["DBUS_SESSION_BUS_ADDRESS"] ?? "";
  if (!address.startsWith("unix:path=")) return false;
  // Loaded here: where there is no bus nobody pays for it.
  const { createClient } = await import("@homebridge/dbus-native");
  const bus = createClient({ busAddress: address });
  const { connection } = bus;
  const failed = once(connection, "error").then(() => false);
  connection.on("error", () => undefined);
  try {
    return await Promise.race([owned(bus), failed, late()]);
  } finally {
    connection.stream.destroy();
  }
}

function owned(bus: MessageBus): Promise<boolean> {
  const call = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "NameHasOwner",
    signature: "s",
    body: [WATCHER],
  };
  return new Promise((resolve) => {
    bus.invoke(call, (_error, value: unknown) => resolve(value === true));
  });
}

function late(): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE_MS).unref());
}
