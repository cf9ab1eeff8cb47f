/** The fuses of a packaged app: what the runtime can do beyond ours is burnt out of the program itself. */
import { FuseV1Options, FuseVersion, type FuseV1Config } from "@electron/fuses";

/** Every fuse is named: one that a newer Electron brings is an error until it was decided on. */
export const FUSES: FuseV1Config = {
  version: FuseVersion.V1,
  strictlyRequireAllFuses: true,
  // The program is the app and no other: not Node, not with options from outside, not under a debugger.
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  // And the app is the one that was packaged.
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // Pages come from `app://nanami`; no `file:` has a standing of its own.
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
};
