/** `node src/gateway/main.ts`: the gateway agent. Runs as root on a gateway host. */
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import pino from "pino";
import { GatewayEvent, GatewayState, type GatewayMessage } from "../api/events.ts";
import { describe } from "../api/connection.ts";
import { EventSession, GATEWAY_BACK_OFF } from "../api/session.ts";
import { derivePublicKey, generatePrivateKey, parsePrivateKey, type SecretKey } from "../wireguard/keys.ts";
import { GatewayAgent } from "./agent.ts";
import { Driver } from "./apply.ts";
import { enroll, Identity } from "./identity.ts";
import { Load } from "./load.ts";
import { StateFolder } from "./state-folder.ts";

const USAGE = "usage: main.ts --state <folder> [--enroll <link>] [--interface <name>]";
const IDENTITY = "identity.json";
const STATE = "state.json";

const log = pino({ base: null }, pino.destination(2));

interface Options {
  readonly state: string;
  readonly link: string | undefined;
  readonly interface: string;
}

/** Says what was wrong with the words after the program's name, and how they go. */
function usage(message: string): never {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
}

function readWords() {
  try {
    return parseArgs({
      options: {
        state: { type: "string" },
        enroll: { type: "string" },
        interface: { type: "string", default: "nanami-gw" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function readOptions(): Options {
  const values = readWords();
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  if (values.state === undefined) usage("--state is needed");
  if (!/^[a-z][a-z0-9-]{0,14}$/.test(values.interface))
    usage(`--interface ${values.interface}: at most 15 lower-case letters, digits and hyphens`);
  return { state: values.state, link: values.enroll, interface: values.interface };
}

/** The stored identity, else the one that the link gives. Throws with what the operator can do. */
async function identify(folder: StateFolder, link: string | undefined, fresh: SecretKey): Promise<Identity> {
  const stored = await folder.load(IDENTITY, Identity);
  if (stored.kind === "value") {
    if (link !== undefined)
      log.info({}, "already enrolled: the link is ignored; remove identity.json to enrol anew");
    return stored.value;
  }
  if (stored.kind === "unreadable")
    throw new Error(`${stored.why}. Remove the file and enrol this gateway anew.`);
  if (link === undefined)
    throw new Error(
      "This gateway is not enrolled. Ask your operator for a link and start it with --enroll <link>.",
    );
  const enrolled = await enroll(link, hostname().slice(0, 64) || "gateway", fresh);
  if (!enrolled.ok) throw new Error(enrolled.message);
  await folder.save(IDENTITY, enrolled.value);
  log.info({ deviceId: enrolled.value.deviceId }, "enrolled");
  return enrolled.value;
}

async function main(): Promise<void> {
  const options = readOptions();
  const folder = await StateFolder.open(options.state);
  const fresh = generatePrivateKey();
  let identity: Identity;
  try {
    identity = await identify(folder, options.link, fresh);
  } catch (error) {
    // Whatever an earlier life left in force belongs to nobody now.
    await new Driver(options.interface, fresh)
      .apply(null)
      .catch((second: unknown) => log.error({}, `cannot close the gateway: ${describe(second)}`));
    throw error;
  }
  const privateKey = parsePrivateKey(identity.privateKey);
  if (!privateKey.ok) throw new Error(`${IDENTITY}: ${privateKey.message}`);
  const stored = await folder.load(STATE, GatewayState);
  if (stored.kind === "unreadable")
    log.warn({}, `${stored.why}: nothing passes until the control plane sends another`);

  const load = new Load();
  const agent: GatewayAgent = new GatewayAgent({
    self: {
      deviceId: identity.deviceId,
      networkId: identity.networkId,
      publicKey: derivePublicKey(privateKey.value),
    },
    enforcer: new Driver(options.interface, privateKey.value),
    memory: { save: (state) => folder.save(STATE, state), forget: () => folder.remove(STATE) },
    load: () => load.read(),
    send: (message) => session.send(message),
    log,
    now: () => performance.now(),
  });
  const session: EventSession<GatewayEvent, GatewayMessage> = new EventSession({
    origin: identity.origin,
    ca: identity.ca ?? undefined,
    token: identity.token,
    incoming: GatewayEvent,
    hello: () => agent.hello(),
    onMessage: (event) => agent.onMessage(event),
    onState: (state) => agent.onSession(state),
    backOff: GATEWAY_BACK_OFF,
  });
  const stop = (): void => {
    session.stop();
    agent.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  await agent.start(stored.kind === "value" ? stored.value : null);
  process.stdout.write(`gateway ${identity.deviceId} guards ${options.interface}\n`);
  session.start();
}

main().catch((error: unknown) => {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
});
