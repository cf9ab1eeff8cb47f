/** The units for systemd: understood by it, and as narrow as they can be. */
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const UNITS = ["nanamid.service", "nanami-lockdown.service"] as const;
const unit = (name: string) => new URL(`../../packaging/systemd/${name}`, import.meta.url);

/** Worst exposure that `systemd-analyze security` may find; 10 is none at all. */
const EXPOSURE = { "nanamid.service": 3.5, "nanami-lockdown.service": 2.5 } as const;

async function available(): Promise<boolean> {
  const found = await access("/usr/bin/systemd-analyze").then(
    () => true,
    () => false,
  );
  if (!found) process.stdout.write("systemd-analyze is not installed: the units are not verified by it\n");
  return found;
}

test.each(UNITS)("%s is understood by systemd, and narrow", async (name) => {
  if (!(await available())) return;
  const folder = await mkdtemp(join(tmpdir(), "nanami-"));
  try {
    // The programs are where a package puts them, which is not so here.
    const text = (await readFile(unit(name), "utf8")).replace(/^ExecStart=\S+/m, "ExecStart=/bin/true");
    await writeFile(join(folder, name), text);
    const verified = await execa("systemd-analyze", ["verify", "--man=no", join(folder, name)], {
      reject: false,
    });
    const complaints = verified.stderr.split("\n").filter((line) => line.includes(name));
    expect(complaints).toEqual([]);
    const security = await execa(
      "systemd-analyze",
      ["security", "--offline=yes", "--no-pager", join(folder, name)],
      { reject: false },
    );
    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(security.stdout + security.stderr)?.[1];
    expect(Number(exposure), security.stderr).toBeLessThanOrEqual(EXPOSURE[name]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the agent's unit leaves out what would break the tunnel, and lets wireguard-go outlive it", async () => {
  const text = await readFile(unit("nanamid.service"), "utf8");
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  for (const breaking of ["ProtectKernelTunables", "MemoryDenyWriteExecute"])
    expect(lines.filter((line) => line.startsWith(breaking))).toEqual([]);
  expect(lines).toContain("KillMode=process");
  expect(lines.find((line) => line.startsWith("ReadWritePaths="))).toContain("/etc");
});
