/** `node src/control-plane/main.ts`: the control plane on one machine. */
import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pino from "pino";
import { formatEnrollmentLink, parseEnrollmentLink } from "../api/link.ts";
import { Plane } from "./plane.ts";
import { buildServer } from "./server.ts";
import { openSqlite } from "./store/sqlite.ts";
import { Store } from "./store/store.ts";

const USAGE =
  "usage: main.ts --listen <address:port> --data <folder> [--tls-cert <pem> --tls-key <pem>] [--public <host:port>]";
/** Time for open requests to end when the process is told to. */
const CLOSE_MS = 5000;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly publicHost: string | undefined;
}

/** Says what was wrong with the words after the program's name, and how they go. */
function usage(message: string): never {
  console.error(`${message}\n${USAGE}`);
  process.exit(2);
}

function readWords() {
  try {
    return parseArgs({
      options: {
        listen: { type: "string" },
        data: { type: "string" },
        "tls-cert": { type: "string" },
        "tls-key": { type: "string" },
        public: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

async function readOptions(): Promise<Options> {
  const values = readWords();
  if (values.help === true) {
    console.log(USAGE);
    process.exit(0);
  }
  const { listen, data, "tls-cert": cert, "tls-key": key, public: publicHost } = values;
  if (listen === undefined || data === undefined) usage("--listen and --data are needed");
  if ((cert === undefined) !== (key === undefined)) usage("--tls-cert and --tls-key go together");
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Number(listen.slice(colon + 1));
  if (isIP(host) === 0 || !Number.isInteger(port) || port < 0 || port > 65535)
    usage(`--listen ${listen}: expected an address and a port, such as 127.0.0.1:8443`);
  const loopback = host === "::1" || host.startsWith("127.");
  if (cert === undefined && !loopback)
    usage(
      `--listen ${listen}: without --tls-cert and --tls-key only loopback is served, because tokens would travel in clear`,
    );
  if (publicHost === undefined && (host === "0.0.0.0" || host === "::"))
    usage(`--listen ${listen}: name the host that devices reach this by with --public <host:port>`);
  if (publicHost !== undefined && !isLinkHost(publicHost))
    usage(`--public ${publicHost}: expected a lower-case host name or address, with or without a port`);
  const tls =
    cert === undefined || key === undefined
      ? undefined
      : { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
  return { host, port, data, tls, publicHost };
}

/** Whether enrolment links with this host can be read again. */
function isLinkHost(host: string): boolean {
  return parseEnrollmentLink(formatEnrollmentLink({ host, pin: null, key: "0".repeat(16) })).ok;
}

/** SHA-256 of the certificate authority at the end of a PEM chain; null where the chain does not carry one. */
function pinOf(chain: string): string | null {
  const last = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.at(-1);
  if (last === undefined) throw new Error("--tls-cert: the file holds no PEM certificate");
  const certificate = new X509Certificate(last);
  return certificate.ca ? certificate.fingerprint256.replaceAll(":", "").toLowerCase() : null;
}

async function run(): Promise<void> {
  const options = await readOptions();
  const log = pino({ level: "warn", redact: ["req.headers.authorization"] }, pino.destination(2));
  // The store and the token are this user's alone, whatever the folder's mode was before.
  process.umask(0o077);
  await mkdir(options.data, { recursive: true, mode: 0o700 });
  const store = await Store.open(openSqlite(join(options.data, "control-plane.sqlite")));
  let origin = "";
  const plane = new Plane({
    store,
    publicHost: () => options.publicHost ?? new URL(origin).host,
    pin: options.tls === undefined ? null : pinOf(options.tls.cert),
    onError: (error) => log.error({ err: error }, "a change could not be made"),
  });
  const app = await buildServer({ plane, log, tls: options.tls });

  const tokenFile = join(options.data, "operator-token");
  const token = await plane.start();
  if (token !== null) {
    // Written anew: a file left by somebody else would keep its owner and mode.
    await rm(tokenFile, { force: true });
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600, flag: "wx" });
    console.log(`single-use operator token in ${tokenFile}`);
  }
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  origin = `${options.tls === undefined ? "http" : "https"}://${host}:${port}`;
  console.log(`listening on ${origin}`);

  const stop = async (): Promise<void> => {
    setTimeout(() => process.exit(1), CLOSE_MS).unref();
    await app.close();
    await plane.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
}

run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
