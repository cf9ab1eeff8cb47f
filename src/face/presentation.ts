import { DEFAULT_PRESENTATION, Presentation } from "../bridge/state.ts";

/** What was stored, field by field: a value that cannot be used is replaced by the default, the others stay. */
export function readPresentation(stored: unknown): Presentation {
  const given: Record<string, unknown> = typeof stored === "object" && stored !== null ? { ...stored } : {};
  const fields = Object.entries(Presentation.shape).flatMap(([name, schema]) => {
    const value = schema.safeParse(given[name]);
    return value.success ? [[name, value.data] as const] : [];
  });
  return Presentation.parse({ ...DEFAULT_PRESENTATION, ...Object.fromEntries(fields) });
}
