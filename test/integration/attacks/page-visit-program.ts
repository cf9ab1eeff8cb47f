/**
 * What a browser does with a page, as far as this attack needs it: the page is loaded from its address, then what its
 * script asks of its own origin is asked (RFC 6454: scheme, name and port, and not the address behind the name), and
 * the name is looked up anew, as browsers do after a minute at most. That browsers keep some ports and addresses from
 * pages is left out: the attack has to fail without their help. Prints what the script got to read, a line of JSON for
 * each. Usage: `page-visit-program.ts <address of the page>`.
 */
import { request } from "node:http";
import { z } from "zod";

const [address = ""] = process.argv.slice(2);
/** What the attacker's page is for us: the requests that its script makes. */
const Page = z.array(
  z.strictObject({
    method: z.enum(["GET", "POST"]),
    path: z.string(),
    upgrade: z.optional(z.literal("websocket")),
  }),
);

interface Answer {
  /** 0 = none. */
  readonly status: number;
  readonly body: string;
}

function ask(method: string, url: URL, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve) => {
    const asked = request(url, { method, headers, agent: false, timeout: 5000 });
    asked.once("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.once("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: "" });
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", (error) => resolve({ status: 0, body: String(error) }));
    asked.end();
  });
}

const WEBSOCKET = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": Buffer.alloc(16).toString("base64"),
};

const page = await ask("GET", new URL(address), {});
const requests = Page.parse(JSON.parse(page.body)).map(async ({ method, path, upgrade }) => {
  const url = new URL(path, address);
  if (url.origin !== new URL(address).origin) throw new Error(`${url.href} is of another origin`);
  const answer = await ask(method, url, {
    origin: url.origin,
    ...(upgrade === undefined ? {} : WEBSOCKET),
  });
  process.stdout.write(`${JSON.stringify({ method, url: url.href, ...answer })}\n`);
});
await Promise.all(requests);
