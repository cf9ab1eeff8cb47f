/** Text from elsewhere must not steer the terminal it is shown on. */

/** The value with control characters in its strings shown as `�`, at any depth. */
export function printable<T>(value: T): T;
export function printable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\p{Cc}|\p{Cf}/gu, "\ufffd");
  if (Array.isArray(value)) return value.map((item: unknown) => printable(item));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printable(item)]));
  return value;
}
