/** Opens one image in a thread of its own: decoding takes a second or two, in which the agent has to go on. */
import { parentPort, workerData } from "node:worker_threads";
import { openContainer } from "../../wireguard/container/open.ts";

parentPort?.postMessage(await openContainer(workerData as Uint8Array));
