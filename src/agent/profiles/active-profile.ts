/** Which profile is connected in place of the managed path, across restarts. */
import { z } from "zod";
import { Id, TrafficMode } from "../../routing/schema.ts";

export const ActiveProfile = z.strictObject({
  version: z.literal(1),
  id: z.nullable(Id),
  /** The mode to which this connection narrows the profile; null = as the profile is. */
  mode: z.nullable(TrafficMode),
});
export type ActiveProfile = z.infer<typeof ActiveProfile>;

/** Stands for a record that cannot be read: what is connected stays closed until the user decides. */
export const LOST_PROFILE: ActiveProfile = { version: 1, id: "prf_00000000", mode: null };
export const NO_PROFILE: ActiveProfile = { version: 1, id: null, mode: null };
