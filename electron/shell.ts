/** What the program around a window does for it: the system's dialogs, the browser, the service, its own memory. */
import { app, shell, type BrowserWindow } from "electron";
import { PLACES } from "../src/bridge/places.ts";
import type { HostFacts, Presentation } from "../src/bridge/state.ts";
import type { Shell } from "../src/face/desk.ts";
import { chooseFiles, saveFile } from "./dialogs.ts";
import { installService, type Installer } from "./service.ts";
import type { HostTexts } from "./texts/index.ts";

export interface DesktopShellOptions {
  readonly installer: Installer | null;
  /** Whether there is a tray to close to, as far as is known now. */
  readonly tray: () => boolean;
  readonly canOpenLinks: () => boolean;
  readonly texts: () => HostTexts;
  readonly window: () => BrowserWindow | undefined;
  readonly presentation: Presentation;
  readonly keepPresentation: (presentation: Presentation) => void;
}

export function desktopShell(options: DesktopShellOptions): Shell {
  const { installer, texts, window } = options;
  const uid = process.getuid?.() ?? 0;
  return {
    presentation: options.presentation,
    keepPresentation: (presentation) => options.keepPresentation(presentation),
    get facts() {
      return facts(uid, installer !== null, options.tray(), options.canOpenLinks());
    },
    chooseFiles: async () => {
      const parent = window();
      return parent === undefined ? [] : chooseFiles(parent, texts());
    },
    saveFile: async (file) => {
      const parent = window();
      return parent !== undefined && saveFile(parent, file, texts());
    },
    openPlace: (place) => shell.openExternal(PLACES[place]),
    installService: () => installService(installer, uid, texts().service),
  };
}

const PLATFORMS = { darwin: "macos", win32: "windows" } as const;

function facts(uid: number, canInstallService: boolean, tray: boolean, canOpenLinks: boolean): HostFacts {
  const platform =
    process.platform === "darwin" || process.platform === "win32" ? PLATFORMS[process.platform] : "linux";
  return {
    kind: "electron",
    appVersion: app.getVersion(),
    platform,
    canInstallService,
    installCommand: `sudo nanami service install --for ${uid}`,
    startCommand: "sudo systemctl start nanamid",
    tray,
    canStartAtLogin: app.isPackaged,
    canOpenLinks,
  };
}
