/** A file that asks for more than its gateway gives, in the hands of the agent: `doctor` tells what is refused. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CreatedManualConfig } from "../../src/api/http.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import { INTRANET } from "../../src/lab/demo-places.ts";
import { until } from "../../src/lab/device.ts";
import { gatewaysOf, request } from "../../src/lab/seed.ts";
import type { Result } from "../../src/rpc/contract.ts";
import { edit } from "./enforcement/plain-wireguard.ts";

const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const GRANTED = ["10.20.0.0/16", `${INTRANET.v4}/32`, "fd00:20::/64"];
const REFUSED = ["10.99.0.0/16", "192.168.77.1/32", "fd00:77::/64"];

test("doctor names the prefixes that the gateway refuses, and not those that it grants", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nanami-"));
  const socket = join(folder, "agent.sock");
  const network = await DemoNetwork.raise({ state: join(folder, "state"), socket });
  try {
    const { operator, seed, laptop } = network;
    const tokyo = (await gatewaysOf(operator, seed.networks.corp)).get("tokyo");
    const path = `/networks/${seed.networks.corp}/manual-configs`;
    const issued = await request(operator, "POST", path, CreatedManualConfig, {
      name: "plain",
      userId: seed.member.id,
      gatewayDeviceId: tokyo?.deviceId,
    });
    // What was issued lets the gateway's own address in, from which it says no.
    const own = /^AllowedIPs = (.*)$/m.exec(issued.file)?.[1] ?? "";
    const wanted = [...new Set([...own.split(", "), ...GRANTED, ...REFUSED])].join(", ");
    const widened = edit(issued.file, "AllowedIPs", wanted);
    const agent = await network.agent();
    await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
    const bytes = Buffer.from(widened).toString("base64");
    const { digest, documents } = await agent.call("importBytes", { bytes });
    const told = documents[0]?.findings.filter(({ code }) => code === "asks_for_more");
    expect(told).toHaveLength(REFUSED.length);
    const choices = [{ index: 0, name: "widened" }];
    const [profile] = await agent.call("confirmImport", { digest, choices });
    await agent.call("connect", { profile: profile?.id ?? "" });
    await until(agent, "connected", ({ tunnel }) => tunnel.state === "connected");

    const doctor = async () => {
      const { stdout } = await laptop.exec(process.execPath, [CLI, "--socket", socket, "--json", "doctor"]);
      const { checks } = JSON.parse(stdout) as Result<"checkHealth">;
      return checks.find(({ code }) => code === "profile_grants");
    };
    const check = await doctor();
    expect(check).toMatchObject({ verdict: "warning" });
    const [, named = ""] =
      /^Your file asks for (.*); the gateway does not allow it\./.exec(check?.message ?? "") ?? [];
    expect(named.split(", ").sort()).toEqual([...REFUSED].sort());

    // The file as it was issued asks for nothing that is refused.
    await agent.call("narrowProfile", { id: profile?.id ?? "", prefixes: own.split(", ") });
    await expect.poll(doctor, { timeout: 20_000 }).toMatchObject({ verdict: "good" });
    agent.close();
  } finally {
    await network.close();
    await rm(folder, { recursive: true, force: true });
  }
});
