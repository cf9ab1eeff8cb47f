import type { Texts } from "../shape.ts";

export const reasons: Texts["reasons"] = {
  gateway_silent: {
    clause_one: "{{gateways}} が応答しません",
    clause_other: "{{gateways}} が応答しません",
    text: "接続を試み続けています。応答があれば自動的に再開します。",
  },
  pinned_gateway_silent: {
    clause_one: "{{gateways}} が応答しません",
    clause_other: "{{gateways}} が応答しません",
    text: "手動で選ばれたゲートウェイなので、代わりのゲートウェイは使いません。接続を試み続けています。",
  },
  captive_portal: {
    clause: "この Wi-Fi はサインインが必要です",
    text: "サインインのページはトンネルの外でしか開けません。切断してサインインし、その後もう一度接続してください。",
  },
  offline: {
    clause: "ネットワークがありません",
    text: "ケーブルまたは Wi-Fi を確認してください。ネットワークにつながれば自動的に再開します。",
  },
  lockdown: {
    clause: "ロックダウン中です",
    text: "接続していない間、ロックダウンがこのデバイスの通信を閉じています。",
  },
  revoked: {
    clause: "このデバイスはネットワークから削除されました",
    text: "管理者がこのデバイスを削除しました。保護なしでインターネットを使うには切断してください。再登録するには新しい登録リンクを管理者に依頼してください。",
  },
  record_lost: {
    clause: "前回の接続内容がわかりません",
    text: "前回の接続の記録が失われました。接続または切断するまで、すべて閉じたままです。",
  },
  profile_lost: {
    clause: "手動構成がなくなりました",
    text: "接続していた構成を読み取れません。接続または切断するまで、すべて閉じたままです。",
  },
  no_eligible_gateway: {
    clause: "使えるゲートウェイがありません",
    text: "利用が許可されていて正常に動作しているゲートウェイが見つかりません。",
  },
  unknown_device: {
    clause: "選ばれたゲートウェイが見つかりません",
    text: "存在しない、または表示が許可されていないゲートウェイが選ばれています。",
  },
  wrong_workspace: {
    clause: "選ばれたゲートウェイは別のワークスペースにあります",
    text: "経路がワークスペースの外に出ることはありません。",
  },
  wrong_network: {
    clause: "選ばれたゲートウェイは別のネットワークにあります",
    text: "経路がネットワークの外に出ることはありません。",
  },
  access_denied: {
    clause: "選ばれたゲートウェイへのアクセス権がありません",
    text: "選ばれたゲートウェイは利用を許可していません。別のゲートウェイを選ぶか、管理者に相談してください。",
  },
  missing_role: {
    clause: "選ばれたゲートウェイにはその役割がありません",
    text: "選ばれたゲートウェイは必要な役割を持っていません。",
  },
  control_plane_unreachable: {
    clause: "コントロールプレーンが応答しません",
    text: "必要なゲートウェイの情報がこのデバイスになく、コントロールプレーンにも確認できません。",
  },
};
