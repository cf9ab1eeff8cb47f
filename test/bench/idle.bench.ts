/** What the agent costs while it is connected and nobody asks anything of it, against a bare Node process. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { DemoLaptop } from "./demo-laptop.ts";
import type { BenchRow } from "./row.ts";

const SECONDS = 30;
/** Clock ticks of `/proc/<pid>/stat` in a second: 100 on Linux (proc(5), USER_HZ). */
const TICKS = 100;
const MEGABYTES = 120;
const CORE_SHARE = 0.01;

export async function bench(): Promise<BenchRow[]> {
  await using laptop = await DemoLaptop.raise();
  await laptop.agent.call("connect", {});
  await laptop.when(({ tunnel }) => tunnel.state === "connected");
  // Nobody looks: what a face costs while it looks is not idling.
  laptop.agent.close();
  const pid = await laptop.agentPid();
  const bare = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  // What follows a connect (first round trips, the path they change) is not idling.
  await sleep(15);
  const before = { ours: await cpu(pid), bare: await cpu(bare.pid ?? 0) };
  await sleep(SECONDS);
  const share = ((await cpu(pid)) - before.ours) / SECONDS;
  const bareShare = ((await cpu(bare.pid ?? 0)) - before.bare) / SECONDS;
  const [memory, bareMemory] = [await resident(pid), await resident(bare.pid ?? 0)];
  bare.kill();
  return [
    {
      what: `idle agent, connected: processor over ${SECONDS} s, with the programs it runs`,
      value: `${(share * 100).toFixed(2)} % of a core`,
      against: `a bare Node process: ${(bareShare * 100).toFixed(2)} %`,
      ratio: bareShare === 0 ? null : share / bareShare,
      target: `under ${CORE_SHARE * 100} %`,
      met: share < CORE_SHARE,
    },
    {
      what: "idle agent, connected: resident memory",
      value: `${memory.toFixed(0)} MB`,
      against: `a bare Node process: ${bareMemory.toFixed(0)} MB`,
      ratio: memory / bareMemory,
      target: `under ${MEGABYTES} MB`,
      met: memory < MEGABYTES,
    },
  ];
}

/**
 * Seconds of processor time, in user and kernel mode, that a process has used with every program it ran and runs,
 * but for `wireguard-go`: that is the tunnel.
 */
async function cpu(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field is in parentheses and may hold anything; what follows is separated by spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Its own, and that of its children that ended (proc(5): utime, stime, cutime, cstime).
  const ended = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / TICKS;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim();
  let living = 0;
  for (const child of children === "" ? [] : children.split(" ")) {
    const name = await readFile(`/proc/${child}/comm`, "utf8").catch(() => "");
    if (name.trim() !== "wireguard-go") living += await cpu(Number(child)).catch(() => 0);
  }
  return ended + living;
}

/** Resident set, megabytes. */
async function resident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1000;
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
