/** Turns what came from outside into offers that wait for a person. Nothing is ever acted on. */
import { randomUUID } from "node:crypto";
import type { Offer } from "../../src/bridge/state.ts";
import { RpcProblem } from "../../src/rpc/contract.ts";
import { linkFacts, ShellRefusal } from "../../src/face/desk.ts";
import type { HostTexts } from "../texts/index.ts";
import type { Given } from "./arguments.ts";
import { readFiles } from "./files.ts";

/** The offer for what was given; null where there was nothing. */
export async function offerFor(given: Given, texts: HostTexts["given"]): Promise<Offer | null> {
  const id = randomUUID();
  switch (given.kind) {
    case "nothing":
      return null;
    case "refused":
      return {
        ...{ kind: "refused", id, message: given.message },
        ...(given.problem === undefined ? {} : { problem: given.problem }),
      };
    case "link":
      try {
        return { kind: "enroll", id, link: given.link, facts: linkFacts(given.link) };
      } catch (error) {
        if (!(error instanceof ShellRefusal)) throw error;
        // What a link is refused for, an agent would refuse it for as well.
        const problem = RpcProblem.safeParse(error.problem).data;
        return {
          ...{ kind: "refused", id, message: error.problem.message },
          ...(problem === undefined ? {} : { problem }),
        };
      }
    case "files": {
      const read = await readFiles(given.paths, texts);
      return read.ok
        ? { kind: "files", id, files: read.files }
        : { kind: "refused", id, message: read.message };
    }
  }
}
