import type { Texts } from "../shape.ts";

export const navigation: Texts["navigation"] = {
  label: "画面",
  home: "ホーム",
  path: "経路",
  preferences: "優先設定",
  manual: "手動構成",
  health: "診断",
  settings: "設定",
  more: "その他",
  pathParts: "経路と優先設定",
  why: "この経路の理由",
  about: {
    health: "漏れの検査、通信の行き先、ログ、診断情報",
    settings: "起動、ロックダウン、外観、言語、バージョン情報",
  },
  skip: "画面の内容へ",
  agentAway: {
    title: "Nanami のサービスが応答しません",
    text: "保護されていた通信は保護されたままです。表示は最後に受け取った内容で、サービスが戻れば自動的に更新されます。",
    still: "戻らない場合は、次のコマンドで起動してください。",
  },
  broken: {
    title: "この画面を表示できませんでした",
    text: "トンネルはサービスが管理しているため、影響を受けていません。",
    again: "もう一度表示する",
  },
};
