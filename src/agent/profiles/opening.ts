/** Opening of what users hand in, without ever holding up the agent: images go to a thread, one at a time. */
import { Worker } from "node:worker_threads";
import { withFinding } from "../../wireguard/container/finding.ts";
import { recognise } from "../../wireguard/container/format.ts";
import { openContainer } from "../../wireguard/container/open.ts";
import { CONTAINER_LIMITS, type Opened } from "../../wireguard/container/types.ts";

/** Time for one image, milliseconds; the largest takes two seconds on a slow machine. */
const IMAGE_MS = 20_000;
/** Images that may wait; more are told to come back. */
const MOST_WAITING = 4;

export class Busy extends Error {}

/** Opens containers (see `openContainer`). */
export class Opener {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Throws `Busy` when too many images wait. */
  async open(bytes: Uint8Array): Promise<Opened> {
    const { format } = recognise(bytes);
    if ((format !== "png" && format !== "jpeg") || bytes.length > CONTAINER_LIMITS.inputBytes)
      return openContainer(bytes);
    if (this.#waiting >= MOST_WAITING) throw new Busy("several images are being read already");
    this.#waiting += 1;
    const mine = this.#last.then(() => openImage(bytes, format));
    this.#last = mine;
    return mine.finally(() => (this.#waiting -= 1));
  }
}

/** An image that takes too long, or kills its thread, counts as damaged. */
async function openImage(bytes: Uint8Array, format: "png" | "jpeg"): Promise<Opened> {
  const worker = new Worker(new URL("./image-worker.ts", import.meta.url), {
    workerData: bytes,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
  });
  const { promise, resolve } = Promise.withResolvers<Opened>();
  const damaged = () => resolve({ format, documents: [withFinding(null, "image_damaged")] });
  const timer = setTimeout(damaged, IMAGE_MS);
  // Our own thread: what it says is an `Opened`.
  worker.once("message", (opened: Opened) => resolve(opened));
  worker.once("error", damaged);
  worker.once("exit", damaged);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
