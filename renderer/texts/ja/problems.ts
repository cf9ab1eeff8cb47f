import type { Texts } from "../shape.ts";

export const problems: Texts["problems"] = {
  agent_away: {
    message: "Nanami のサービスが動いていません。",
    remedy: "自動的に再接続します。保護されていた通信は保護されたままです。",
  },
  other_version: {
    message: "アプリと Nanami のサービスのバージョンが異なります。",
    remedy: "両方を同じバージョンに更新してください。",
  },
  cancelled: { message: "キャンセルしました。", remedy: "" },
  control_plane_unreachable: {
    message: "コントロールプレーンが応答しません。",
    remedy: "このデバイスがオンラインか確認し、しばらくしてからもう一度お試しください。",
  },
  not_enrolled: {
    message: "このデバイスはネットワークに登録されていません。",
    remedy: "管理者から受け取ったリンクで登録してください。",
  },
};
