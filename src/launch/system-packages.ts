/**
 * The system programs that a command needs, and the packages that bring them. Missing ones are installed when that
 * is allowed without asking for a password; else the exact command is named.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Families of distributions that share a package manager and its names. */
type Family = "debian" | "fedora" | "arch";

/** Program → package, per family. A program that a family does not package is absent there. */
const PACKAGES = {
  unshare: { debian: "util-linux", fedora: "util-linux", arch: "util-linux" },
  mount: { debian: "mount", fedora: "util-linux", arch: "util-linux" },
  sysctl: { debian: "procps", fedora: "procps-ng", arch: "procps-ng" },
  ip: { debian: "iproute2", fedora: "iproute", arch: "iproute2" },
  nft: { debian: "nftables", fedora: "nftables", arch: "nftables" },
  wg: { debian: "wireguard-tools", fedora: "wireguard-tools", arch: "wireguard-tools" },
  "wireguard-go": { debian: "wireguard-go" },
  ping: { debian: "iputils-ping", fedora: "iputils", arch: "iputils" },
  dnsmasq: { debian: "dnsmasq-base", fedora: "dnsmasq", arch: "dnsmasq" },
  busybox: { debian: "busybox", fedora: "busybox", arch: "busybox" },
  tcpdump: { debian: "tcpdump", fedora: "tcpdump", arch: "tcpdump" },
  iperf3: { debian: "iperf3", fedora: "iperf3", arch: "iperf3" },
  "dbus-daemon": { debian: "dbus", fedora: "dbus-daemon", arch: "dbus" },
  chromium: { debian: "chromium", fedora: "chromium", arch: "chromium" },
  // No program: without it pictures in Japanese show boxes.
  "japanese-font": {
    debian: "fonts-ipafont-gothic",
    fedora: "google-noto-sans-cjk-fonts",
    arch: "noto-fonts-cjk",
  },
} as const satisfies Record<string, Partial<Record<Family, string>>>;
export type Program = keyof typeof PACKAGES;

const LAB: readonly Program[] = [
  "unshare",
  "mount",
  "sysctl",
  "ip",
  "nft",
  "wg",
  "wireguard-go",
  "ping",
  "dnsmasq",
  "busybox",
];
/** What each command needs. */
export const NEEDED = {
  start: LAB,
  test: [...LAB, "tcpdump", "iperf3", "dbus-daemon", "chromium"],
  bench: [...LAB, "iperf3", "chromium"],
  screenshots: [...LAB, "chromium", "japanese-font"],
} as const satisfies Record<string, readonly Program[]>;

/** How a family installs packages: commands, each to be run as root. */
const INSTALL = {
  debian: (packages: readonly string[]) => [
    ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", "update"],
    [
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      "-q",
      "-o",
      "DPkg::Lock::Timeout=300",
      "install",
      "--yes",
      "--no-install-recommends",
      ...packages,
    ],
  ],
  fedora: (packages: readonly string[]) => [
    ["dnf", "--quiet", "--assumeyes", "--setopt=install_weak_deps=False", "install", ...packages],
  ],
  arch: (packages: readonly string[]) => [["pacman", "--sync", "--needed", "--noconfirm", ...packages]],
} satisfies Record<Family, (packages: readonly string[]) => string[][]>;

/** The family of a distribution, from the text of its `os-release`. Undefined when none of ours. */
export function familyOf(osRelease: string): Family | undefined {
  const field = (name: string) =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, "m").exec(osRelease)?.[1]?.split(" ") ?? [];
  for (const id of [...field("ID"), ...field("ID_LIKE")]) {
    if (id === "debian" || id === "ubuntu") return "debian";
    if (id === "fedora" || id === "rhel") return "fedora";
    if (id === "arch") return "arch";
  }
  return undefined;
}

/** What has to be run to get `programs`: the packages, and the commands (as root) that install them. */
export function installation(
  family: Family,
  programs: readonly Program[],
): {
  readonly packages: readonly string[];
  readonly commands: readonly string[][];
  readonly unknown: readonly Program[];
} {
  const names: Partial<Record<Family, string>>[] = programs.map((program) => PACKAGES[program]);
  const packages = [...new Set(names.flatMap((name) => name[family] ?? []))];
  return {
    packages,
    commands: packages.length === 0 ? [] : INSTALL[family](packages),
    unknown: programs.filter((_, index) => names[index]?.[family] === undefined),
  };
}

const say = (text: string) => process.stderr.write(`nanami: ${text}\n`);

/** Whether a program is on the PATH or in the folders of system programs. */
function isThere(program: string): boolean {
  if (program === "japanese-font") {
    const fonts = spawnSync("fc-list", [":lang=ja"], { encoding: "utf8" });
    return fonts.status === 0 && fonts.stdout.trim() !== "";
  }
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether the kernel brings WireGuard itself, so that no user-space implementation is needed. */
function kernelHasWireGuard(): boolean {
  if (existsSync("/sys/module/wireguard")) return true;
  return spawnSync("modprobe", ["--dry-run", "--quiet", "wireguard"], { stdio: "ignore" }).status === 0;
}

/**
 * Makes sure that the programs a command needs are there. Installs missing ones as root or where `sudo` asks for no
 * password, and says so. Throws with the command to type when it may not, or when it failed.
 */
export function ensurePrograms(command: keyof typeof NEEDED): void {
  const lacking = () =>
    NEEDED[command].filter(
      (program) => !isThere(program) && !(program === "wireguard-go" && kernelHasWireGuard()),
    );
  const missing = lacking();
  if (missing.length === 0) return;
  if (process.platform !== "linux")
    throw new Error(`npm ${command} needs Linux: its network lab is made of Linux network namespaces`);

  const family = familyOf(readFileSync("/etc/os-release", "utf8"));
  if (family === undefined)
    throw new Error(
      `this distribution is not one that Nanami can install packages on; install the programs ${missing.join(", ")} and run the command again`,
    );
  const { packages, commands, unknown } = installation(family, missing);
  if (unknown.length > 0)
    throw new Error(
      `${unknown.join(", ")}: not packaged by this distribution; install it by hand (or a kernel with WireGuard) and run the command again`,
    );

  const root = process.getuid?.() === 0;
  const prefix = root ? [] : ["sudo", "-n"];
  const byHand = commands.map((words) => (root ? words : ["sudo", ...words]).join(" ")).join(" && ");
  if (!root && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status !== 0)
    throw new Error(
      `missing programs: ${missing.join(", ")}. Installing them needs your password; run\n  ${byHand}\nand then the command again`,
    );
  say(`installing ${packages.join(", ")} (missing: ${missing.join(", ")})…`);
  for (const words of commands) {
    const [file = "", ...args] = [...prefix, ...words];
    const { status } = spawnSync(file, args, { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0)
      throw new Error(`installing failed, see above; run it yourself to see more\n  ${byHand}`);
  }
  const still = lacking();
  if (still.length > 0)
    throw new Error(`${still.join(", ")}: still missing after installing ${packages.join(", ")}`);
  say("system programs installed.");
}
