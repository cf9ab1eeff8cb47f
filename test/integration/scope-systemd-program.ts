/** As much of systemd's bus interface as makes transient units: prints `ready`, and each request as one line of JSON. */
import { systemBus } from "@homebridge/dbus-native";

/** What the library can do and its types leave out. */
interface ServiceBus {
  requestName(name: string, flags: number, done: (error: unknown) => void): void;
  exportInterface(methods: object, path: string, description: object): void;
}

const bus = systemBus() as unknown as ServiceBus;
bus.exportInterface(
  {
    StartTransientUnit: (...asked: readonly unknown[]) => {
      process.stdout.write(`${JSON.stringify(asked.slice(0, 4))}\n`);
      return "/org/freedesktop/systemd1/job/1";
    },
  },
  "/org/freedesktop/systemd1",
  {
    name: "org.freedesktop.systemd1.Manager",
    methods: {
      StartTransientUnit: ["ssa(sv)a(sa(sv))", "o", ["name", "mode", "properties", "aux"], ["job"]],
    },
    signals: {},
    properties: {},
  },
);
bus.requestName("org.freedesktop.systemd1", 0, () => process.stdout.write("ready\n"));
