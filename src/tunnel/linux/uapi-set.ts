/**
 * What `wg set` (wg(8)) would be told, as lines for the control socket of wireguard-go. Pure.
 *
 * `replace_allowed_ips`, which is what `wg set` sends, first takes all prefixes from a peer and then gives it the new
 * ones one by one: a packet that comes between belongs to nobody and is lost, in either direction. So a peer is told
 * of the differences alone. It gets what is new first; a prefix that another peer has moves at once. What nobody
 * shall have any more goes to a peer that is made for it and removed in the same breath (versions before 2025 have no
 * other way to take one prefix from a peer).
 */

/** Which prefixes each peer has, by its key in hexadecimal. */
export type Carried = ReadonlyMap<string, readonly string[]>;

/** No key, as the protocol writes it. */
export const NO_KEY = "0".repeat(64);
/** The peer that never lives: the curve's base point (RFC 7748, section 4.1), which is nobody's public key. */
const NOBODY = `09${"0".repeat(62)}`;

/** The prefixes of an answer to `get=1`. */
export function carriedIn(answer: string): Carried {
  const carried = new Map<string, string[]>();
  let current: string[] = [];
  for (const [, name, value = ""] of answer.matchAll(/^(public_key|allowed_ip)=(.*)$/gm))
    if (name === "public_key") carried.set(value, (current = []));
    else current.push(value);
  return carried;
}

/**
 * The words of `wg set` as lines. `secrets` are what the words mean by `secretPath`, `carried` what the peers have now.
 * Throws for words that a plan never has.
 */
export function setLines(
  words: readonly string[],
  secrets: ReadonlyMap<string, string>,
  carried: Carried,
): readonly string[] {
  const lines: string[] = [];
  const wanted = new Set<string>();
  const given: string[] = [];
  let peer = "";
  const rest = [...words];
  const next = (): string => rest.shift() ?? "";
  // A file that is no secret of ours is `/dev/null`: no key.
  const secret = (path: string): string => hex(secrets.get(path)) ?? NO_KEY;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    switch (word) {
      case "private-key":
        lines.push(`private_key=${secret(next())}`);
        break;
      case "fwmark":
        lines.push(`fwmark=${next()}`);
        break;
      case "peer":
        peer = hex(next()) ?? NO_KEY;
        lines.push(`public_key=${peer}`);
        break;
      case "remove":
        lines.push("remove=true");
        break;
      case "preshared-key":
        lines.push(`preshared_key=${secret(next())}`);
        break;
      case "endpoint":
        lines.push(`endpoint=${next()}`);
        break;
      case "persistent-keepalive":
        lines.push(`persistent_keepalive_interval=${next()}`);
        break;
      case "allowed-ips": {
        const list = next().split(",").filter(Boolean);
        const has = carried.get(peer) ?? [];
        lines.push(...list.filter((prefix) => !has.includes(prefix)).map((prefix) => `allowed_ip=${prefix}`));
        for (const prefix of list) wanted.add(prefix);
        given.push(...has);
        break;
      }
      default:
        throw new Error(`wg set: no such word: ${word}`);
    }
  }
  const nobodys = given.filter((prefix) => !wanted.has(prefix)).map((prefix) => `allowed_ip=${prefix}`);
  return nobodys.length === 0 ? lines : [...lines, `public_key=${NOBODY}`, ...nobodys, "remove=true"];
}

function hex(key: string | undefined): string | undefined {
  return key === undefined || key === "" ? undefined : Buffer.from(key, "base64").toString("hex");
}
