import type { Texts } from "../shape.ts";

export const parts: Texts["parts"] = {
  messages: "お知らせ",
  undo: "元に戻す",
  closeMessage: "お知らせを閉じる",
  dismiss: "閉じる",
  copy: "コピー",
  copied: "コピーしました。",
  notCopied: "コピーできませんでした。選択して手動でコピーしてください。",
  cancel: "キャンセル",
};
