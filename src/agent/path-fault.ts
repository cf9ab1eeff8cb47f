/** Why a path cannot be used, as faces are told it: by code, by its place, and in the words of who found it. Pure. */
import { PATH_FAULTS, type PathFault } from "../rpc/said.ts";

/** What a fault of a path's grammar is about, whatever is wrong with it there. */
const GRAMMAR: readonly (readonly [start: string, fault: PathFault])[] = [
  ["key_", "key_malformed"],
  ["address_", "address_malformed"],
  ["prefix_", "prefix_malformed"],
  ["endpoint_", "endpoint_malformed"],
];

/** A path that is refused; without a place, all of it is. */
interface Refused {
  readonly code: string;
  readonly pointer?: string;
  readonly message: string;
}

/** The facts of `path_unusable`. `fault` is empty for what has no words of its own, `place` where there is none. */
export function pathFaultFacts({ code, pointer = "", message }: Refused): {
  readonly detail: string;
  readonly fault: PathFault | "";
  readonly place: string;
} {
  const fault =
    PATH_FAULTS.find((one) => one === code) ?? GRAMMAR.find(([start]) => code.startsWith(start))?.[1] ?? "";
  return { detail: message, fault, place: pointer };
}
