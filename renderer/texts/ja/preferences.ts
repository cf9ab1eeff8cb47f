import type { Texts } from "../shape.ts";

export const preferences: Texts["preferences"] = {
  title: "優先設定",
  lead: "このデバイスの設定は、全デバイス向けの設定より優先されます。",
  device: "このデバイス",
  deviceLead: "下のどの設定よりも優先されます。",
  user: "あなたの全デバイス",
  userLead: "デバイス側に設定がないときに使われます。",
  network: "ネットワーク {{name}}",
  networkLead: "管理者の設定です。あなたの設定がないときに使われます。",
  nothingSet: "ここには何も設定されていません。",
  mode: "通信モード",
  modes: { inherit: "未設定", vpn_only: "プライベート網のみ", full_tunnel: "フルトンネル" },
  gateways: "ゲートウェイ",
  gatewayModes: { inherit: "未設定", auto: "自動", manual: "手動" },
  ingress: "入口ゲートウェイ",
  egress: "出口ゲートウェイ",
  automatic: "自動",
  save: "保存",
  saving: "保存しています…",
  discard: "破棄",
  useDefault: "自分の既定値を使う",
  clear: "設定を消す",
  unchanged: "保存されている内容です。",
  saved: "保存しました。",
  savedLater: "このデバイスで有効です。コントロールプレーンが応答すると保存されます。",
  cleared: "このデバイスはあなたの既定値を使います。",
  clearedUser: "全デバイス向けの設定を消しました。",
  notSaved: "保存できませんでした",
  notRead: "優先設定を読み取れませんでした",
  reading: "保存されている内容を読み取っています…",
  operatorTitle: "管理者が設定しています",
  operatorText: "このネットワークでは、管理者だけが変更できます。何も変更していません。",
  bothAutomatic: "少なくとも 1 つのゲートウェイを選ぶか、両方を自動にしてください。",
  problem: {
    unknown_device:
      "{{name}} は存在しないか、表示が許可されていません。別のゲートウェイを選ぶか、自動にしてください。",
    wrong_workspace:
      "{{name}} は別のワークスペースにあります。このネットワークのゲートウェイを選んでください。",
    wrong_network: "{{name}} は別のネットワークにあります。このネットワークのゲートウェイを選んでください。",
    access_denied:
      "{{name}} へのアクセス権がありません。管理者に依頼するか、別のゲートウェイを選んでください。",
    missing_role_ingress:
      "{{name}} は入口ゲートウェイではありません。別のゲートウェイを選ぶか、管理者に役割の追加を依頼してください。",
    missing_role_egress:
      "{{name}} は出口ゲートウェイではありません。別のゲートウェイを選ぶか、管理者に役割の追加を依頼してください。",
  },
  unhealthyNow: "{{name}} は現在、正常に動作していません。手動で選んだ場合、代わりは使われません。",
  conflict: {
    title: "その間にほかの人が変更しました",
    text: "あなたの変更はまだ保存されていません。どちらにしますか？",
    stored: "現在の保存値",
    yours: "あなたの値",
    takeStored: "保存されている値にする",
    keepYours: "自分の値で上書きする",
  },
  value: {
    nothing: "設定なし",
    gateways: "ゲートウェイ：{{selection}}",
  },
  about:
    "手動で選んだものが使えないとき、黙って別のものに切り替わることはありません。その間、このデバイスからは何も送信されません。",
};
