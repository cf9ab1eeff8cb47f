/** Which profile is connected in place of the managed path, across restarts. */
import { z } from "zod";
import { Id, TrafficMode } from "../../routing/schema.ts";

export const ActiveProfile = z.strictObject({
  version: z.literal(1),
  id: Id.nullable(),
  /** The mode to which this connection narrows the profile; null = as the profile is. */
  mode: TrafficMode.nullable(),
});
export type ActiveProfile = z.infer<typeof ActiveProfile>;

export const NO_PROFILE: ActiveProfile = { version: 1, id: null, mode: null };
