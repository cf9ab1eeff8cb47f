import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { formatEnrollmentLink, parseEnrollmentLink } from "../../../src/api/link.ts";

const pin = "ab".repeat(32);
const key = "k".repeat(32);

describe("an enrolment link", () => {
  it.each([
    ["a name", "control.nanami.test", "https://control.nanami.test"],
    ["a name and a port", "control.nanami.test:8443", "https://control.nanami.test:8443"],
    ["an IPv4 address", "192.0.2.7:443", "https://192.0.2.7:443"],
    ["an IPv6 address", "[2001:db8::1]:8443", "https://[2001:db8::1]:8443"],
  ])("is read with %s", (_what, host, origin) => {
    const parsed = parseEnrollmentLink(formatEnrollmentLink({ host, pin, key }));
    expect(parsed).toEqual({ ok: true, link: { host, origin, pin, key } });
  });

  it("goes over plain HTTP only to loopback and only without a pin", () => {
    const origin = (text: string): string | undefined => {
      const parsed = parseEnrollmentLink(text);
      return parsed.ok ? parsed.link.origin : undefined;
    };
    expect(origin(`nanami://enroll/127.0.0.1:8080#${key}`)).toBe("http://127.0.0.1:8080");
    expect(origin(`nanami://enroll/127.0.0.1:8080?pin=${pin}#${key}`)).toBe("https://127.0.0.1:8080");
    expect(origin(`nanami://enroll/localhost.example#${key}`)).toBe("https://localhost.example");
  });

  it.each([
    ["another scheme", `https://enroll/control.test#${key}`],
    ["another action", `nanami://connect/control.test#${key}`],
    ["no key", "nanami://enroll/control.test"],
    ["a short key", "nanami://enroll/control.test#abc"],
    ["a user", `nanami://enroll/me@control.test#${key}`],
    ["a path", `nanami://enroll/control.test/evil#${key}`],
    ["another parameter", `nanami://enroll/control.test?pin=${pin}&x=1#${key}`],
    ["a short pin", `nanami://enroll/control.test?pin=abcd#${key}`],
    ["port 0", `nanami://enroll/control.test:0#${key}`],
    ["a port too large", `nanami://enroll/control.test:65536#${key}`],
    ["a short address", `nanami://enroll/127.1#${key}`],
    ["an address out of range", `nanami://enroll/1.2.3.256#${key}`],
    ["a leading zero", `nanami://enroll/1.2.3.04#${key}`],
    ["half an IPv6 address", `nanami://enroll/[2001::db8::1]#${key}`],
    ["an empty label", `nanami://enroll/a..b#${key}`],
    ["white space inside", `nanami://enroll/control.test #${key}`],
    ["a megabyte", `nanami://enroll/${"a".repeat(1_000_000)}#${key}`],
  ])("is refused with %s", (_what, text) => {
    expect(parseEnrollmentLink(text)).toMatchObject({ ok: false, code: "not_an_enrollment_link" });
  });

  it("never makes anything of arbitrary text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseEnrollmentLink(text).ok).toBe(false);
      }),
    );
  });
});
