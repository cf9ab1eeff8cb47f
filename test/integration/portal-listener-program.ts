/** Prints what routers say of a sign-in page, one line of JSON each. */
import { listenToRouters } from "../../src/agent/portal/router-options.ts";

const routers = listenToRouters();
process.stdout.write("ready\n");
setInterval(() => {
  for (const word of routers.read()) process.stdout.write(`${JSON.stringify(word)}\n`);
}, 25);
