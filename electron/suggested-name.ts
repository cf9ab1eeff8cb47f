/** Names for the dialog in which a person chooses where to keep a file. Pure. */
import type { RequestParams } from "../src/bridge/contract.ts";

type Kind = RequestParams<"saveFile">["kind"];

export function extensionOf(kind: Kind): string {
  return kind === "text" ? "txt" : kind;
}

/** A name to begin with, from one that a window gave: one part of a path, on every system. */
export function suggestedName(name: string, kind: Kind): string {
  const plain = name.replaceAll(/[\p{C}/\\:*?"<>|]/gu, "-").replace(/^[.\s]+/, "");
  return `${plain === "" ? "nanami" : plain}.${extensionOf(kind)}`;
}
