/** The application's menu: on macOS the bar that every program has, elsewhere hidden and there for its keys. */
import { Menu, type MenuItemConstructorOptions } from "electron";

/** `developer`: with the tools to look into the page. */
export function setAppMenu(developer: boolean): void {
  const view: MenuItemConstructorOptions = {
    label: "View",
    submenu: [{ role: "reload" }, { role: "toggleDevTools" }],
  };
  const own: MenuItemConstructorOptions =
    process.platform === "darwin"
      ? { role: "appMenu" }
      : { label: "Nanami", submenu: [{ role: "close" }, { role: "quit", accelerator: "CmdOrCtrl+Q" }] };
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([own, { role: "editMenu" }, ...(developer ? [view] : []), { role: "windowMenu" }]),
  );
}
