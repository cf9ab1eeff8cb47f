/** The agent's log: lines of JSON on standard error, without anything secret; the newest are kept for faces. */
import { pino, type Logger } from "pino";
import { LogRing } from "./diagnostics/log-ring.ts";

/** Names of fields that hold secrets, wherever they stand in what is logged. */
const SECRET = ["token", "privateKey", "presharedKey", "key", "link", "authorization"];

export type Log = (message: string, facts?: Readonly<Record<string, unknown>>) => void;

/** Opens the log on standard error. Lines are written as they come: none is lost in a crash. */
export function openLog(
  destination: { write(line: string): void } = pino.destination({ fd: 2, sync: true }),
): { readonly log: Log; readonly logger: Logger; readonly ring: LogRing } {
  const ring = new LogRing();
  const both = {
    write(line: string): void {
      destination.write(line);
      ring.write(line);
    },
  };
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "(kept)" },
    },
    both,
  );
  return { log: (message, facts = {}) => logger.info(facts, message), logger, ring };
}
