/** Prints what NetworkManager says of a sign-in page, as one line of JSON. */
import { askNetworkManager } from "../../src/agent/portal/network-manager.ts";

process.stdout.write(`${JSON.stringify(await askNetworkManager())}\n`);
