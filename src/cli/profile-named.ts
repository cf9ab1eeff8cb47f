/** Profiles by what a person calls them. */
import type { Profile } from "../rpc/profiles.ts";
import { Refused } from "./problem.ts";

/** The profile with that name or id. Throws `Refused` when there is none, or more than one. */
export function profileNamed(text: string, profiles: readonly Profile[], nanami: string): Profile {
  const byId = profiles.find(({ id }) => id === text);
  if (byId !== undefined) return byId;
  const same = profiles.filter(({ name }) => name === text);
  const named = same.length > 0 ? same : profiles.filter(({ name }) => keyOf(name) === keyOf(text));
  const [one, ...others] = named;
  if (one === undefined) {
    const known = profiles.map(({ name }) => name).join(", ");
    throw new Refused(
      "not_found",
      `there is no profile "${text}" that you can see${known === "" ? "" : `; there are ${known}`}`,
      `See all of them: ${nanami} config list`,
    );
  }
  if (others.length > 0)
    throw new Refused(
      "not_found",
      `several profiles are called "${text}"; use an id: ${named.map(({ id }) => id).join(", ")}`,
    );
  return one;
}

/** A profile as a word that a shell takes: its name, or its id where the name would need escapes. */
export function profileWord({ name, id }: Profile): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) ? name : id;
}

function keyOf(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

const LONGEST_NAME = 64;

/** A name for a profile made of what its file is called: without folders and the ending, and as names may be. */
export function nameFromFile(file: string): string {
  const base = file.split(/[/\\]/).at(-1) ?? "";
  const stem = base.replace(/\.(conf|zip|png|jpe?g)$/i, "").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "");
  const name = stem.trim();
  // A character outside the basic plane may be cut in half by the length, which counts UTF-16.
  const short = name
    .slice(0, LONGEST_NAME)
    .replace(/\p{Cs}$/u, "")
    .trimEnd();
  return short === "" || short === "-" ? "imported" : short;
}
