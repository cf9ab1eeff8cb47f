import type { RequestResult } from "../../../src/bridge/contract.ts";

/** The bundle as one text, in the form of `nanami diagnostics`. */
export function bundleText(sections: RequestResult<"diagnostics">["sections"]): string {
  return sections.map(({ name, text }) => `== ${name}\n${text.trimEnd()}\n`).join("\n");
}
