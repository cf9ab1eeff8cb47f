/** A session's message bus with a tray on it: the watcher that desktops run, as far as anybody asks for it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient, type MessageBus } from "@homebridge/dbus-native";
import { afterAll, beforeAll } from "vitest";

/** Without the system's own configuration, which may start services. */
const config = (
  path: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`;

export interface SessionBus extends AsyncDisposable {
  readonly address: string;
  /** The desktop's tray comes or goes. */
  setTray(there: boolean): Promise<void>;
}

/** One for all tests of a file. */
export function busForAll(): Omit<SessionBus, typeof Symbol.asyncDispose> {
  let bus: SessionBus | undefined;
  const started = (): SessionBus => {
    if (bus === undefined) throw new Error("the message bus is there for tests, and before each");
    return bus;
  };
  beforeAll(async () => {
    bus = await startSessionBus();
  });
  afterAll(() => bus?.[Symbol.asyncDispose]());
  return {
    get address() {
      return started().address;
    },
    setTray: (there) => started().setTray(there),
  };
}

/** Starts one, with a tray. */
async function startSessionBus(): Promise<SessionBus> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-bus-"));
  const path = join(folder, "bus");
  await writeFile(join(folder, "bus.conf"), config(path));
  const daemon = spawn(
    "dbus-daemon",
    [`--config-file=${join(folder, "bus.conf")}`, "--nofork", "--print-address"],
    {
      // It complains of limits that it cannot raise.
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const ended = once(daemon, "exit").then(() => Promise.reject(new Error("the message bus ended")));
  await Promise.race([once(createInterface({ input: daemon.stdout }), "line"), ended]);
  ended.catch(() => undefined);
  const address = `unix:path=${path}`;
  const bus = createClient({ busAddress: address });
  bus.connection.on("error", () => undefined);
  const setTray = (there: boolean): Promise<void> =>
    there
      ? call(bus, "RequestName", "su", ["org.kde.StatusNotifierWatcher", 0])
      : call(bus, "ReleaseName", "s", ["org.kde.StatusNotifierWatcher"]);
  await setTray(true);
  return {
    address,
    setTray,
    async [Symbol.asyncDispose]() {
      bus.connection.stream.destroy();
      daemon.kill("SIGTERM");
      await once(daemon, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function call(bus: MessageBus, member: string, signature: string, body: readonly unknown[]): Promise<void> {
  const destination = "org.freedesktop.DBus";
  const message = {
    destination,
    path: "/org/freedesktop/DBus",
    interface: destination,
    member,
    signature,
    body,
  };
  return new Promise((resolve, reject) => {
    // The library says undefined where there is no error.
    bus.invoke(message, (error) => (error ? reject(new Error(String(error.message))) : resolve()));
  });
}
