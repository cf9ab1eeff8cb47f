/** Which names a network may have looked up at its own resolver. The control plane and every device ask the same here. */
import { domainReach } from "./domain.ts";
import { parseHostName } from "./endpoint.ts";

/** Why a domain is none that names may be steered by: a stable code, and a sentence with the remedy. */
export interface DomainFault {
  readonly code: string;
  readonly message: string;
}

/** What is wrong with a match domain; null = it may be used. */
export function matchDomainFault(text: string): DomainFault | null {
  const parsed = parseHostName(text);
  if (!parsed.ok) return { code: parsed.code, message: parsed.message };
  if (parsed.value !== text)
    return { code: "not_canonical", message: `This is to be written ${parsed.value}.` };
  if (domainReach(parsed.value) === "ending")
    return {
      code: "domain_captures_public",
      message: `All names under ${text} would be looked up at the private resolver, and these are everybody's. Name the network's own domain, such as corp.example.${text}.`,
    };
  return null;
}
