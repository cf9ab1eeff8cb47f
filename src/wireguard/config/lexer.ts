/**
 * From bytes to lines: section headings and `key = value`, with their places. One pass, each byte looked at once.
 * What a line may consist of is decided here; what it means, in the parser.
 */
import { isUtf8 } from "node:buffer";
import type { Report } from "./finding.ts";
import { LIMITS, type Place } from "./types.ts";

export interface SectionLine extends Place {
  readonly kind: "section";
  /** Lower case. */
  readonly name: string;
}

export interface EntryLine extends Place {
  readonly kind: "entry";
  /** Lower case, never empty. */
  readonly key: string;
  /** Without surrounding blanks; may be empty. */
  readonly value: string;
  readonly valueColumn: number;
}

export type Line = SectionLine | EntryLine;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const DEL = 0x7f;

/** Splits a file into lines that mean something. Lines that cannot are reported and left out; null = not read at all. */
export function lex(bytes: Uint8Array, report: Report): readonly Line[] | null {
  if (bytes.length > LIMITS.fileBytes) {
    report.add("file_too_large", { line: 1, column: 1 });
    return null;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines: Line[] = [];
  let begin = skipByteOrderMark(bytes, report);
  for (let number = 1; begin < bytes.length && !report.full; number += 1) {
    const scan = scanLine(bytes, begin);
    report.steps += scan.end + 1 - begin;
    if (isSound(bytes, scan, number, report)) {
      const line = readLine(text, scan, number, report);
      if (line !== null) lines.push(line);
    }
    begin = scan.end + 1;
  }
  return lines;
}

interface Scan {
  readonly begin: number;
  /** Index of the LF, or the length of the file. */
  readonly end: number;
  /** Where the content ends: at `#`, at CR LF, or at `end`. */
  readonly contentEnd: number;
  readonly commentEnd: number;
  /** First byte that may not be there. */
  readonly bad: { readonly index: number; readonly code: "control_character" | "non_ascii" } | null;
  readonly wideComment: boolean;
}

function scanLine(bytes: Uint8Array, begin: number): Scan {
  let comment = -1;
  let bad: Scan["bad"] = null;
  let wideComment = false;
  let end = begin;
  for (; end < bytes.length; end += 1) {
    const byte = bytes[end] ?? 0;
    if (byte === LF) break;
    if (byte >= SPACE && byte < DEL) {
      if (byte === HASH && comment === -1) comment = end;
    } else if (byte > DEL) {
      if (comment === -1) bad ??= { index: end, code: "non_ascii" };
      else wideComment = true;
    } else if (byte !== TAB && !(byte === CR && bytes[end + 1] === LF)) {
      bad ??= { index: end, code: "control_character" };
    }
  }
  const commentEnd = end > begin && end < bytes.length && bytes[end - 1] === CR ? end - 1 : end;
  return { begin, end, contentEnd: comment === -1 ? commentEnd : comment, commentEnd, bad, wideComment };
}

/**
 * Characters of comments that show nothing, or act on what is shown: controls, marks of direction, line separators,
 * joiners and other characters of no width, tags, variation selectors, blanks that look like a space or like nothing,
 * what no standard gives a meaning. By class, for Unicode adds to them.
 */
const DISGUISE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\p{Bidi_Control}\u2800]|(?![ \u3000])\p{Zs}/u;
/** Emoji are made with joiners and selectors. */
const EMOJI = /\p{RGI_Emoji}/gv;

function disguises(comment: string): boolean {
  return DISGUISE.test(comment.replaceAll("\t", "").replace(EMOJI, ""));
}

function isSound(bytes: Uint8Array, scan: Scan, line: number, report: Report): boolean {
  const { begin, contentEnd, commentEnd, bad } = scan;
  if (commentEnd - begin > LIMITS.lineBytes) {
    report.add("line_too_long", { line, column: 1 });
    return false;
  }
  if (bad !== null) {
    report.add(bad.code, { line, column: bad.index - begin + 1 });
    return false;
  }
  if (scan.wideComment) {
    const comment = bytes.subarray(contentEnd, commentEnd);
    report.steps += comment.length;
    const place = { line, column: contentEnd - begin + 1 };
    if (!isUtf8(comment)) report.add("not_utf8", place);
    else if (disguises(Buffer.from(comment).toString("utf8"))) report.add("comment_disguise", place);
  }
  return true;
}

function skipByteOrderMark(bytes: Uint8Array, report: Report): number {
  if (bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return 0;
  report.add("byte_order_mark", { line: 1, column: 1 });
  return 3;
}

function readLine(text: string, scan: Scan, line: number, report: Report): Line | null {
  const content = trim(text, scan.begin, scan.contentEnd);
  if (content.begin === content.end) return null;
  const place = { line, column: content.begin - scan.begin + 1 };
  if (text.startsWith("[", content.begin)) {
    const heading = text.slice(content.begin, content.end);
    if (/^\[[A-Za-z0-9_.:-]+\]$/.test(heading))
      return { kind: "section", name: heading.slice(1, -1).toLowerCase(), ...place };
    report.add("section_syntax", place);
    return null;
  }
  const equals = text.indexOf("=", content.begin);
  if (equals === -1 || equals >= content.end || equals === content.begin) {
    report.add("line_syntax", place);
    return null;
  }
  const key = trim(text, content.begin, equals);
  const value = trim(text, equals + 1, content.end);
  return {
    kind: "entry",
    ...place,
    key: text.slice(key.begin, key.end).toLowerCase(),
    value: text.slice(value.begin, value.end),
    valueColumn: value.begin - scan.begin + 1,
  };
}

/** Moves both ends of a range inwards over spaces and tabs. */
function trim(text: string, from: number, to: number): { readonly begin: number; readonly end: number } {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin += 1;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return { begin, end };
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
