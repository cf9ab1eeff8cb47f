/** Owns logind's name on the system bus, prints `ready`, and says that the machine woke up for each line that it reads. */
import { createInterface } from "node:readline";
import { systemBus } from "@homebridge/dbus-native";

/** What the library can do and its types leave out. */
interface ServiceBus {
  requestName(name: string, flags: number, done: (error: unknown) => void): void;
  sendSignal(path: string, name: string, member: string, signature: string, values: readonly unknown[]): void;
}

const bus = systemBus() as unknown as ServiceBus;
bus.requestName("org.freedesktop.login1", 0, () => process.stdout.write("ready\n"));
createInterface({ input: process.stdin }).on("line", () =>
  bus.sendSignal("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep", "b", [
    false,
  ]),
);
