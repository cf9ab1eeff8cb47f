import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainName } from "../../../src/routing/schema.ts";
import { matchDomainFault } from "../../../src/wireguard/match-domain.ts";

test.each([
  ["com", "domain_captures_public"],
  ["co.uk", "domain_captures_public"],
  ["net", "domain_captures_public"],
  ["xn--p1ai", "domain_captures_public"],
  ["in-addr.arpa", "domain_captures_public"],
  [".", "endpoint_name"],
  ["", "endpoint_name"],
  ["corp.test.", "endpoint_name"],
  ["10.0.0.1", "endpoint_name"],
  ["Corp.test", "not_canonical"],
])("%j is nobody's own domain: %s", (domain, code) => {
  expect(matchDomainFault(domain)?.code).toBe(code);
});

test.each(["corp.test", "corp", "internal", "home.arpa", "acme.com", "acme.co.uk", "xn--p1ai.example"])(
  "%j may be one",
  (domain) => expect(matchDomainFault(domain)).toBeNull(),
);

test("whatever is taken is a name that a path may carry", () => {
  const label = fc.stringMatching(/^[A-Za-z0-9.-]{0,6}$/);
  fc.assert(
    fc.property(fc.array(label, { maxLength: 4 }), (labels) => {
      const text = labels.join(".");
      if (matchDomainFault(text) === null) expect(DomainName.safeParse(text).success).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
