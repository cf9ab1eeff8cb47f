import type { Texts } from "../shape.ts";

export const navigation: Texts["navigation"] = {
  label: "画面",
  home: "ホーム",
  path: "経路",
  preferences: "優先設定",
  manual: "手動",
  health: "診断",
  settings: "設定",
  more: "その他",
};
