// Loaded into real Electron before the app (`--require`): keeps what no API tells afterwards.
const electron = require("electron");
const recorded = { tray: null, toolTip: "", menu: null, notices: [], outside: [], open: [], save: null };
globalThis.nanamiRecorded = recorded;

const { Tray, Notification, dialog, shell } = electron;
const { setContextMenu, setToolTip, destroy } = Tray.prototype;
Tray.prototype.setContextMenu = function (menu) {
  recorded.tray = this;
  recorded.menu = menu;
  return setContextMenu.call(this, menu);
};
Tray.prototype.setToolTip = function (text) {
  recorded.toolTip = text;
  return setToolTip.call(this, text);
};
Tray.prototype.destroy = function () {
  recorded.tray = null;
  return destroy.call(this);
};
Notification.prototype.show = function () {
  recorded.notices.push(this);
};
dialog.showOpenDialog = async () => ({ canceled: recorded.open.length === 0, filePaths: recorded.open });
dialog.showSaveDialog = async () => ({ canceled: recorded.save === null, filePath: recorded.save ?? "" });
shell.openExternal = async (url) => void recorded.outside.push(url);
