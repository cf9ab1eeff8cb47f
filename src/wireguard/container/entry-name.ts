/** Names of archive entries: text for people, and never a path or a file name of this machine. */
import { CONTAINER_LIMITS } from "./types.ts";

/** Controls, and characters that turn, hide or break text. */
const TREACHEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\ufffd]/gu;

/** The name as it may be shown. */
export function displayName(name: string): string {
  const characters = Array.from(name.replace(TREACHEROUS, "\ufffd"));
  return characters.length > CONTAINER_LIMITS.nameLength
    ? `${characters.slice(0, CONTAINER_LIMITS.nameLength - 1).join("")}…`
    : characters.join("");
}

/** What is wrong with a name, or null. */
export function nameProblem(name: string): "zip_entry_path" | "zip_entry_name" | null {
  if (/^[/\\]|^[a-z]:|\\/i.test(name) || name.split("/").some((part) => part === ".." || part === "."))
    return "zip_entry_path";
  return name.trim() === "" || displayName(name) !== name ? "zip_entry_name" : null;
}

/** Two names that are equal on some file system have the same key. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}
