/** How busy this host is, from 0 (idle) to 1 (full): processors, and room in the table of connections. */
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";

/** Share of a new reading in the running average: a burst of seconds moves no device to another gateway. */
const WEIGHT = 0.3;

export class Load {
  #before = ticks();
  #average = 0;

  /** Call at regular intervals; each call covers the time since the last one. */
  async read(): Promise<number> {
    const now = ticks();
    const total = now.total - this.#before.total;
    const busy = total === 0 ? this.#average : (now.busy - this.#before.busy) / total;
    this.#before = now;
    this.#average += WEIGHT * (busy - this.#average);
    const load = Math.max(this.#average, await connectionTable());
    return Math.round(Math.min(1, Math.max(0, load)) * 100) / 100;
  }
}

function ticks(): { readonly busy: number; readonly total: number } {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const work = times.user + times.nice + times.sys + times.irq;
    busy += work;
    total += work + times.idle;
  }
  return { busy, total };
}

/** A full table refuses new connections however idle the processors are. 0 where there is no table yet. */
async function connectionTable(): Promise<number> {
  try {
    const [count, max] = await Promise.all(
      ["nf_conntrack_count", "nf_conntrack_max"].map(async (name) =>
        Number(await readFile(`/proc/sys/net/netfilter/${name}`, "utf8")),
      ),
    );
    return count === undefined || max === undefined || max === 0 ? 0 : count / max;
  } catch {
    return 0;
  }
}
