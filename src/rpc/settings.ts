/** The part of the agent's contract that is about its settings. */
import * as z from "zod/mini";

export const Settings = z.strictObject({
  /** A disconnected device stays closed. */
  lockdown: z.enum(["on", "off"]),
  /** Whether the local network stays reachable while everything else goes through the tunnel, or nowhere. */
  localNetwork: z.enum(["allow", "block"]),
  /** Whether the agent connects when it starts. */
  connectAtStart: z.enum(["on", "off"]),
  /** Whether names are asked of the tunnel's resolvers. */
  dns: z.enum(["automatic", "off"]),
});
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = {
  lockdown: "off",
  localNetwork: "allow",
  connectAtStart: "off",
  dns: "automatic",
};

export const settingsMethods = {
  getSettings: { params: z.strictObject({}), result: Settings },
  /** Changes those that are named; in force when it answers. */
  setSettings: { params: z.partial(Settings), result: Settings },
} as const;
