/** Puts a real manager of the resolver on a host of the lab: systemd-resolved, openresolv or Debian's resolvconf. */
import { describe } from "vitest";
import { resolverFiles, type ResolverManager } from "../../src/launch/resolver-programs.ts";
import type { Host } from "../../src/lab/host.ts";

/** As `describe`, for tests that need a manager's program; skipped with the reason in the name where it is missing. */
export function describeWith(manager: ResolverManager, body: (files: string) => void): void {
  const files = resolverFiles(manager);
  if (files === undefined) describe.skip(`${manager} (its package could not be fetched)`, () => undefined);
  else describe(manager, () => body(files));
}

/** Raises the manager on the host, knowing this server of the network on `eth0`. */
export async function raiseManager(
  manager: ResolverManager,
  host: Host,
  files: string,
  server: string,
): Promise<void> {
  await host.run("sh", ["-c", LAY_OVER, "sh", files]);
  if (manager === "systemd-resolved") await raiseResolved(host);
  else {
    // Debian's writes behind a link, and only once somebody said that updates are welcome.
    if (manager === "debian-resolvconf")
      await host.run("sh", [
        "-c",
        "mkdir -p /run/resolvconf/interface && touch /run/resolvconf/enable-updates && ln -sf /run/resolvconf/resolv.conf /etc/resolv.conf",
      ]);
  }
  await networkSays(manager, host, server);
}

/** The network around says whom to ask, as a DHCP client passes it on. */
export async function networkSays(manager: ResolverManager, host: Host, server: string): Promise<void> {
  if (manager === "systemd-resolved") await host.run("resolvectl", ["dns", "eth0", server]);
  else await host.run("resolvconf", ["-a", "eth0.dhclient"], { input: `nameserver ${server}\n` });
}

/** Lays the files over the host's own, of which `/lib` and `/sbin` are links into `/usr`. */
const LAY_OVER = `
set -e
cp -r "$1" /run/lab/files
for pair in usr:/usr lib:/usr/lib sbin:/usr/sbin; do
  from=/run/lab/files/\${pair%%:*} to=\${pair#*:}
  [ ! -d "$from" ] || mount -t overlay overlay -o "lowerdir=$from:$to" "$to"
done
cp -rT /run/lab/files/etc /etc
`;

/** A bus on which everybody may do everything: who may do what is not the question here. */
const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
`;

/** Raises a system bus on the host. */
export async function raiseBus(host: Host): Promise<void> {
  const start =
    "mkdir -p /run/dbus && cat > /run/bus.conf && dbus-daemon --config-file=/run/bus.conf --fork --nopidfile";
  await host.run("sh", ["-c", start], { input: BUS });
}

/** Root by another name: in a rootless sandbox there is nobody else to become. */
const ACCOUNT = `
set -e
echo "systemd-resolve:x:0:0::/run/systemd:/usr/sbin/nologin" >> /etc/passwd
echo "systemd-resolve:x:0:" >> /etc/group
mkdir -p /run/systemd/resolve
ln -sf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
`;

async function raiseResolved(host: Host): Promise<void> {
  await raiseBus(host);
  await host.run("sh", ["-c", ACCOUNT]);
  await startResolved(host);
}

/** Starts the daemon; also again, after it was ended. */
export async function startResolved(host: Host): Promise<void> {
  void host.spawn("/lib/systemd/systemd-resolved", [], { stdio: "ignore" });
  await untilResolved(host);
}

async function untilResolved(host: Host): Promise<void> {
  const end = Date.now() + 10_000;
  while ((await host.exec("resolvectl", ["status"])).exitCode !== 0)
    if (Date.now() > end) throw new Error("systemd-resolved did not come up on the host");
}
