import type { Texts } from "../shape.ts";

export const said: Texts["said"] = {
  controlPlane: {
    unauthenticated: "このデバイスを認識できません。",
    revoked: "このデバイスはネットワークから削除されました。",
    unknown: "あなたのネットワークにはないか、見る権限がありません。",
    forbidden: "見ることはできますが、変更できるのは管理者だけです。",
    set_by_operator: "このネットワークの優先設定は管理者が決めます。",
    invalid: "許可されていない内容が含まれています。",
    stale: "その間にほかの人が変更しました。",
    precondition_required: "どのバージョンを置き換えるのかが示されていません。",
    malformed: "このバージョンの形式ではありません。アプリとサービスを更新してください。",
    too_large: "大きすぎます。",
    unsupported_media_type: "このバージョンの形式ではありません。アプリとサービスを更新してください。",
    too_many_requests: "短い時間に要求が多すぎます。1 分ほど待ってください。",
    no_such_surface: "このデバイスのサービスとはバージョンが異なります。",
    internal: "コントロールプレーンに不具合があります。詳細は管理者がログで確認できます。",
    public_key_in_use: "このデバイスの鍵はすでに使われています。もう一度試すと新しい鍵が作られます。",
    network_full: "ネットワークのデバイス数が上限に達しています。",
    overlay_full: "ネットワークに空きアドレスがありません。",
    no_eligible_gateway: "使えるゲートウェイがありません。",
    enrollment_key_unknown: "そこで発行されたリンクではありません。",
    enrollment_key_used: "すでに使われています。リンクが使えるのは一度だけです。",
    enrollment_key_expired: "有効期限が切れています。",
  },
  refusals: {
    request_malformed: {
      message: "アプリからサービスへの要求の形式が正しくありません。",
      remedy: "両方を同じバージョンに更新してください。",
    },
    request_unknown: {
      message: "アプリの要求をサービスが知りません。",
      remedy: "両方を同じバージョンに更新してください。",
    },
    agent_fault: {
      message: "サービス自体の不具合のため、実行できませんでした。",
      remedy: "理由はサービスのログにあります。「診断」で確認できます。",
    },
    app_fault: {
      message: "アプリで実行できませんでした：{{detail}}",
      remedy: "もう一度お試しください。続く場合は、「診断」で診断情報を保存して管理者に送ってください。",
    },
    agent_silent: {
      message: "Nanami のサービスから時間内に応答がありませんでした。",
      remedy: "自動的にやり直します。保護されていた通信は保護されたままです。",
    },
    connection_lost: {
      message: "応答を受け取る前に、アプリとの接続が切れました。",
      remedy: "接続は自動的に回復します。実行されたかどうかを確かめてから、もう一度お試しください。",
    },
    answer_not_understood: {
      message: "アプリからの応答を、このウィンドウは理解できません。",
      remedy: "ウィンドウを閉じて、開き直してください。",
    },
    file_too_large: {
      message: "「{{name}}」は 5 MiB を超えています。",
      remedy: "WireGuard 構成かアーカイブを選んでください。どちらもずっと小さいはずです。",
    },
    file_unreadable: {
      message: "「{{name}}」を読み取れません。",
      remedy: "ファイルがまだあるか、読み取る権限があるかを確かめてください。",
    },
    not_in_group: {
      message: "トンネルの状態は見られますが、変更したり通信の行き先を決めたりする権限がありません。",
      remedy:
        "システム管理者に、グループ nanami への追加を依頼してください。このグループの利用者は、このマシンのすべての通信の行き先を変えられます。",
    },
    enrolled_already: {
      message: "このデバイスはすでに登録されています。",
      remedy: "先に「設定」でログアウトしてください。できるのは登録した本人かシステム管理者だけです。",
    },
    logout_not_yours: {
      message: "このデバイスをログアウトできるのは、登録した本人かシステム管理者だけです。",
      remedy: "どちらかに依頼してください。",
    },
    logout_locked: {
      message: "ロックダウンがオンの間、ログアウトできるのはシステム管理者だけです。",
      remedy: "先に「設定」でロックダウンをオフにしてください。",
    },
    share_not_yours: {
      message: "構成をこのマシンの全利用者と共有したり、やめたりできるのはシステム管理者だけです。",
      remedy: "システム管理者に依頼してください。",
    },
    lockdown_not_yours: {
      message: "ロックダウンを解除できるのは、このデバイスを登録した本人かシステム管理者だけです。",
      remedy: "どちらかに依頼してください。",
    },
    not_enrolled: {
      message: "このデバイスはネットワークに登録されていません。",
      remedy: "管理者から受け取ったリンクで登録してください。",
    },
    revoked: {
      message: "このデバイスはネットワークから削除されました。",
      remedy: "ログアウトし、管理者から受け取った新しいリンクで登録し直してください。",
    },
    no_path: {
      message: "このデバイスの経路がありません：{{why}}",
      remedy: "「経路」で別のゲートウェイを選ぶか、管理者に相談してください。",
    },
    path_unusable: {
      message: "コントロールプレーンから届いた経路は使えません：{{detail}}",
      remedy: "何も変更していません。管理者に知らせてください。",
    },
    disconnected_meanwhile: {
      message: "その間に切断されました。",
      remedy: "意図しない切断の場合は、もう一度接続してください。",
    },
    changed_meanwhile: {
      message: "その間に別の変更があり、新しいほうが有効です。",
      remedy: "意図しない場合は、もう一度変更してください。",
    },
    overtaken: {
      message: "その間に別の接続が始まったか、トンネルが切断されました。",
      remedy: "意図しない場合は、もう一度接続してください。",
    },
    not_put_back: {
      message: "すべてを元に戻すことはできませんでした：{{detail}}",
      remedy: "もう一度お試しになるか、このマシンを再起動してください。",
    },
    lockdown_not_in_force: {
      message: "ロックダウンを有効にできませんでした：{{detail}}",
      remedy: "自動的にやり直します。その間に何が開いているかは、ホームで確認できます。",
    },
    tunnel_refused: {
      message: "トンネルを作れませんでした：{{detail}}",
      remedy: "有効だったものはそのままです。",
    },
    link_malformed: {
      message: "これは登録リンクではありません。登録リンクは nanami://enroll/…#… という形です。",
      remedy: "管理者から新しいリンクを受け取り、全体を貼り付けてください。",
    },
    link_authority: {
      message: "リンクが指定する証明書とは別の証明書が応答しました。リンクの相手ではありません。",
      remedy: "続行しないでください。できれば別のネットワークから、新しいリンクを管理者に依頼してください。",
    },
    link_refused: {
      message: "コントロールプレーンがリンクを拒否しました：{{detail}}",
      remedy: "リンクは一度だけ、期限内に使えます。新しいリンクを管理者に依頼してください。",
    },
    link_used: {
      message: "このリンクはすでに使われています。リンクが使えるのは一度だけです。",
      remedy: "新しい登録リンクを管理者に依頼してください。",
    },
    link_expired: {
      message: "このリンクの有効期限（{{expiredAt}}）は過ぎています。",
      remedy: "新しい登録リンクを管理者に依頼してください。",
    },
    enrolling_already: {
      message: "別の登録を実行しています。",
      remedy: "終わるまでお待ちください。",
    },
    connected_or_locked: {
      message: "何かが接続中か、ロックダウンがオンになっています。",
      remedy: "先に切断し、「設定」でロックダウンをオフにしてください。",
    },
    control_plane_away: {
      message: "コントロールプレーンが応答しません。",
      remedy:
        "接続中のものは接続されたままです。このデバイスがオンラインか確認し、しばらくしてからもう一度お試しください。",
    },
    control_plane_never_reached: {
      message: "コントロールプレーンが応答せず、経路を一度も受け取っていません。",
      remedy: "このデバイスがオンラインのときに、もう一度お試しください。",
    },
    control_plane_needed: {
      message: "この変更は、コントロールプレーンが応答しない間は適用できません。",
      remedy: "すべて元のままです。応答があるときに、もう一度お試しください。",
    },
    control_plane_refused: {
      message: "コントロールプレーンが拒否しました：{{detail}}",
      remedy: "何も変更していません。",
    },
    device_not_accepted: {
      message: "コントロールプレーンはこのデバイスを受け入れなくなりました。",
      remedy: "ログアウトし、管理者から受け取ったリンクで登録し直してください。",
    },
    not_allowed: {
      message: "管理者が許可していません：{{detail}}",
      remedy: "何も変更していません。",
    },
    stored_changed: {
      message: "その間にほかの人が変更しました。",
      remedy: "保存されている値を見て、改めて決めてください。",
    },
    another_change_waits: {
      message: "別の変更がまだ保存を待っています。待てる変更は一度に 1 件です。",
      remedy: "コントロールプレーンが応答するときに、もう一度お試しください。",
    },
    target_malformed: {
      message: "「{{target}}」はアドレスでもホスト名でもありません。",
      remedy: "203.0.113.7 のようなアドレスか、intranet.example のような名前を入力してください。",
    },
    target_unknown: {
      message: "{{target}} という名前のアドレスが、ここでは見つかりません。",
      remedy: "アドレスで調べるか、状態の確認で DNS を見てください。",
    },
    profile_unknown: {
      message: "この構成はもうありません。",
      remedy: "一覧をもう一度確認してください。",
    },
    profile_of_another: {
      message: "この構成は別の利用者のものです。接続はできますが、変更やコピーはできません。",
      remedy: "所有者に依頼してください。",
    },
    profile_widens: {
      message:
        "このファイルはすべての通信を求めていません。構成は範囲を狭められますが、広げることはできません。",
      remedy: "そのまま接続するか、AllowedIPs に既定の経路を加えてください。",
    },
    profile_narrow_to_nothing: {
      message: "このファイルは既定の経路しか挙げていないため、接続できるプライベートな部分がありません。",
      remedy: "フルトンネルとして接続してください。",
    },
    profile_no_address: {
      message: "このファイルにはアドレスがありません。",
      remedy: "編集して、割り当てられた Address を加えてください。",
    },
    profile_no_peer: {
      message: "このファイルには、通信を運ぶピアがありません。",
      remedy: "編集して [Peer] を加えるか、範囲を広めに取ってください。",
    },
    profile_no_endpoint: {
      message: "通信を運ぶピアにエンドポイントがなく、このデバイスは相手からの接続を待つことしかできません。",
      remedy: "ファイルを編集して Endpoint を加えてください。",
    },
    profile_endpoint_unresolved: {
      message: "ピアの名前に、今はアドレスがありません。",
      remedy: "このデバイスがオンラインか確認し、もう一度お試しください。",
    },
    profile_endpoint_rebound: {
      message: "ピアの名前が、このマシンか、接続しているネットワークの中を指しています。",
      remedy:
        "誰かが偽の応答を返しているおそれがあります。正しい場合は、アドレスそのものをファイルに書いてください。",
    },
    profile_connected: { message: "この構成は接続中です。", remedy: "先に切断してください。" },
    profile_not_restorable: {
      message: "この構成はもう元に戻せません。",
      remedy: "ファイルをもう一度取り込んでください。",
    },
    images_busy: {
      message: "ほかの画像を読み取っています。",
      remedy: "しばらくしてからもう一度お試しください。",
    },
    chosen_twice: { message: "同じ文書が 2 回選ばれました。", remedy: "それぞれ 1 回だけ選んでください。" },
    document_refused: {
      message: "渡されたもののうち {{number}} 番目の文書は、拒否されたか除外されました。",
      remedy: "ほかの文書を選んでください。",
    },
    report_expired: {
      message: "レポートが古くなったか、渡されたものが表示されたものと異なります。",
      remedy: "もう一度渡して、レポートを確認してください。",
    },
    no_room: {
      message: "これ以上、構成を保存できません。",
      remedy: "不要なものを削除してください。",
    },
    text_refused: { message: "この内容は拒否されました。", remedy: "レポートに従って直してください。" },
    prefix_malformed: {
      message: "「{{prefix}}」はアドレス範囲ではありません。",
      remedy: "10.20.0.0/16 や fd00:20::/64 のように入力してください。",
    },
    prefix_not_asked: {
      message: "このファイルは {{prefixes}} を求めていません。範囲は狭められますが、広げることはできません。",
      remedy: "広げるには AllowedIPs を編集してください。",
    },
    export_not_yours: {
      message: "構成を書き出せるのは取り込んだ本人だけです。鍵も一緒に書き出されるためです。",
      remedy: "所有者に依頼してください。",
    },
    export_zip_alone: {
      message: "複数の構成は、1 つのアーカイブとしてのみ書き出せます。",
      remedy: "アーカイブを選ぶか、構成を 1 つだけ選んでください。",
    },
    export_nothing: { message: "構成が選ばれていません。", remedy: "1 つ以上選んでください。" },
    too_long_for_qr: {
      message: "この構成は QR コードには長すぎます。",
      remedy: ".conf ファイルとして書き出してください。",
    },
    name_tells_key: {
      message: "この名前には構成の鍵の一部が含まれています。名前は画面に表示されます。",
      remedy: "別の名前にしてください。",
    },
  },
  loosened: {
    mode: "トンネルに残るのはプライベートネットワークだけで、その他の通信は直接つながります。",
    who: "決めたもの：{{now}}（以前は{{before}}）。",
    smaller: "プライベートネットワークが小さくなりました。",
    gone: "トンネルを通らなくなるもの：{{prefixes}}。",
    by: { device: "このデバイスの設定", user: "あなたの設定", network: "管理者の設定", system: "既定値" },
  },
  profileTroubles: {
    unserved:
      "エンドポイントのないピアがあります。このデバイスはピアからの接続を受けないため、接続中、{{prefixes}} 宛ての通信はどこにも行きません。Endpoint を加えてください。",
    widens: "すべての通信を求めるものではなくなりました。有効なものは元のままです。",
    narrow_to_nothing: "プライベートな部分がなくなりました。有効なものは元のままです。",
    no_address: "アドレスがなくなりました。有効なものは元のままです。",
    no_peer: "通信を運ぶピアがなくなりました。有効なものは元のままです。",
    no_endpoint: "通信を運ぶピアにエンドポイントがありません。有効なものは元のままです。",
    endpoint_unresolved: "ピアの名前に、今はアドレスがありません。有効なものは元のままです。",
    endpoint_rebound:
      "ピアの名前が、このマシンか、接続しているネットワークの中を指しています。誰かが偽の応答を返しているおそれがあります。有効なものは元のままです。",
    tunnel_refused: "有効にできませんでした：{{detail}}",
  },
  unused: {
    unserved:
      "エンドポイントのないピアがあります。このデバイスはピアからの接続を受けないため、接続中、{{prefixes}} 宛ての通信はどこにも行きません。Endpoint を加えてください。",
    dns_split:
      "DNS サーバーは使いません。すべての通信がこのトンネルを通るわけではなく、どの名前を尋ねるかを示す検索ドメインもないためです。DNS の行にドメインを加えてください。",
    listen_port: "ListenPort は使いません。このデバイスは任意のポートからピアに接続します。",
  },
  findings: {
    not_connected: "何も接続していません。",
    agent_answers: "バージョン {{version}} が応答しています。",
    not_enrolled:
      "このデバイスはどのネットワークにも属していません。ホームでリンクを使って登録してください。",
    enrolled: "{{workspace}} の {{network}} のデバイスです。",
    no_control_plane: "登録していないため、ありません。",
    revoked: "このデバイスをネットワークから削除しました。",
    control_plane_connected: "{{host}} に接続しています。",
    control_plane_away: "{{host}} に接続していません。有効なものはそのままです。",
    locked: "何も接続しておらず、ロックダウンがこのデバイスを閉じています。",
    peers_silent: "応答しないピアがあり、そこへの通信は待っています：{{peers}}。",
    profile_trouble: "構成は保存された内容どおりには有効ではありません。理由はホームにあります。",
    traffic_seen: "通信が通ることを確認しました。",
    handshake_seen: "ハンドシェイクを確認しました。応答を確かめる相手はありません。",
    held_up: "{{why}}",
    changing: "別の状態へ移る途中です。少し待ってからもう一度確認してください。",
    in_place: "Nanami のものはすべて所定どおりです。",
    deviates: "ほかのプログラムが Nanami のものを変更しました：{{detail}}",
    no_foreign_rules: "Nanami のルールより先に参照されるものはありません。",
    foreign_rules: "Nanami のルールより先に参照され、通信をトンネルの外に出すルールがあります：{{rules}}。",
    no_tunnel_resolver_full:
      "トンネルにリゾルバーがないため、このマシン本来のリゾルバーにトンネル経由で問い合わせます。ローカルネットワークのリゾルバーには届かず、名前が見つかりません。ネットワーク内のリゾルバーを管理者に依頼してください。",
    no_tunnel_resolver: "トンネルにリゾルバーがないため、このマシン本来のものを使います。",
    resolver_foreign: "名前の問い合わせ先がトンネルのリゾルバーではありません：{{detail}}",
    resolver_waiting:
      "トンネルのリゾルバーを使う設定がまだ済んでいません。少し待ってからもう一度確認してください。",
    resolver_asked_all: "すべての名前を {{servers}} に問い合わせています（{{by}}）。",
    resolver_asked: "{{domains}} の名前を {{servers}} に問い合わせています（{{by}}）。",
    no_private_prefixes: "プライベートネットワークはありません。",
    private_kept: "{{prefixes}}：トンネルを通るか、どこにも出ません。",
    private_astray: "トンネルの外に出てしまうもの：{{prefixes}}。",
    nothing_to_attempt: "出て行ける先も、試す宛先もありません。",
    let_out: "トンネルの外に出てはならないパケットが出ました。",
    refused: "想定どおり拒否されました。",
    ipv6_private_only: "IPv6 は、プライベートな範囲だけをトンネルに通します。",
    ipv6_tunnel: "トンネルを通ります。",
    ipv6_nowhere: "トンネルが運ばないため、どこにも出ません。",
    ipv6_astray: "トンネルの外の {{interface}} から出てしまいます。",
    sizes_pass: "大きさのために失われるパケットは見つかっていません。",
    sizes_lost:
      "途中のリンクが、知らせずに大きなパケットを捨てています。{{intended}} バイトのはずが {{passes}} バイトまで通ります。小さなパケットで送っています。",
    sizes_lost_ipv6:
      "途中のリンクが、知らせずに大きなパケットを捨てています。{{intended}} バイトのはずが {{passes}} バイトまで通ります。小さなパケットで送っていますが、IPv6 には 1280 バイトが必要なため、どこにも出ません。",
    no_overlap: "プライベートな範囲とは重なっていません。",
    overlap:
      "ローカルネットワーク {{networks}} がプライベートな {{prefixes}} と重なっています。接続中、{{hidden}} にあるローカルの機器には届きません。",
    no_profile: "手動構成は接続していません。",
    nothing_asked: "尋ねられるアドレス範囲がありません。",
    grants_unrefused: "ゲートウェイから拒否はありませんでした。",
    grants_unknown:
      "応答も拒否もなく、わかりません。ゲートウェイの拒否が届くのは、ファイルの AllowedIPs にゲートウェイ自身のアドレスが含まれる場合だけです。",
    grants_refused:
      "ファイルは {{prefixes}} を求めていますが、ゲートウェイが許可していません。管理者にアクセスを依頼するか、「手動構成」で許可された範囲に狭めてください。",
  },
  deviations: {
    firewall_gone: "ファイアウォールのテーブル inet nanami がなくなっています。",
    firewall_changed: "ファイアウォールのテーブル inet nanami が別の内容になっています。",
    interface_gone: "インターフェイス {{interface}} が、その経路ごとなくなっています。",
    interface_changed: "インターフェイスに足りないもの：{{line}}。",
    route_missing: "経路またはルール（{{family}}）に足りないもの：{{line}}。",
    route_added: "経路またはルール（{{family}}）に追加されたもの：{{line}}。",
    peer_taken: "ピア {{peer}} がインターフェイスから外されています。",
    resolver_manager: "{{path}} の管理が {{former}} から {{manager}} に変わりました。",
    resolver_other: "{{by}} の問い合わせ先が {{wanted}} ではなく {{named}} になっています。",
    resolver_nobody: "{{by}} に問い合わせ先 {{wanted}} がありません。",
    resolver_silent: "{{by}} が応答しません。",
    resolver_without_interface: "トンネルのインターフェイスがないため、{{by}} に設定できません。",
    names_claimed:
      "別のネットワーク（リンク {{link}}）も {{domain}} の名前を受け持つため、そのサーバーにも問い合わせます。",
    names_claimed_all:
      "別のネットワーク（リンク {{link}}）がすべての名前を受け持つため、そのサーバーにも問い合わせます。",
  },
  pathFaults: {
    no_ingress: "入口のゲートウェイがありません。",
    no_egress: "出口のゲートウェイがありません。",
    hops_alike: "2 つのゲートウェイの鍵またはアドレスが同じです。",
    own_key: "ゲートウェイの鍵がこのデバイスの鍵と同じです。",
    endpoint_unresolved: "ゲートウェイの名前に、現在アドレスがありません。",
    endpoint_inside_tunnel: "ゲートウェイが、それを通って到達するはずのネットワークの中にあります。",
    dns_outside_tunnel: "リゾルバーがプライベートネットワークの外にあります。",
    probe_outside_tunnel: "確認に使うアドレスがトンネルの外にあります。",
    not_host_prefix: "単一のアドレスであるべきところに範囲が指定されています。",
    default_prefix: "プライベートネットワークが、すべてまたは広すぎる範囲を含んでいます。",
    martian_prefix: "プライベートネットワークに、経路制御されないアドレスが含まれています。",
    overlapping_prefixes: "2 つの範囲が重なっています。",
    address_forbidden: "プライベートネットワークのホストが持てないアドレスです。",
    address_of_gateway: "ゲートウェイのアドレスがこのデバイスと同じです。",
    name_disguise: "名前に、見た目を偽れる文字が含まれています。",
    domain_captures_public: "公開されている名前までプライベートなリゾルバーに問い合わせるドメインです。",
    not_canonical: "値が正規の書き方ではありません。",
    key_malformed: "鍵の形式が正しくありません。",
    address_malformed: "アドレスの形式が正しくありません。",
    prefix_malformed: "アドレス範囲の形式が正しくありません。",
    endpoint_malformed: "ゲートウェイのエンドポイントの形式が正しくないか、使えないものです。",
  },
  pathFaultAt: "{{told}}経路内の場所：{{place}}",
  systemSays: "システムからの情報：{{detail}}",
  foundThen: "そのときの状態：{{changed}}",
  repaired: "{{time}} にほかのプログラムが変更しましたが、元に戻しました。",
  routes: {
    own_address: "このマシン自身のアドレスです。",
    not_connected: "何も接続していないため、このマシン本来の経路を通ります。",
    gateway_address:
      "{{gateway}} のアドレスです。そこ宛てに暗号化されていない通信は、別のゲートウェイから出てしまいます。",
    no_private_prefix: "プライベートな範囲に属さず、トンネルに通すのはその範囲だけです。",
    carried_by_nothing: "今は運ぶものがなく、トンネルの外に出ることも許されません。",
    on_local_network: "許可されているローカルネットワークの中です。",
    all_traffic: "すべての通信がトンネルを通ります。",
    private_prefix: "{{prefix}} に属し、トンネルを通るか、どこにも出ません。",
  },
  deciders: {
    nobody: "なし：接続していません",
    lockdown: "ロックダウン",
    profile: "手動構成 {{profile}}",
    last_record: "最後に接続した内容",
    layers: { device: "このデバイスの設定", user: "あなたの設定", network: "管理者の設定", system: "既定値" },
  },
  resolvers: {
    own: "このマシン本来のリゾルバー（{{servers}}）",
    own_by_forwarder: "このマシン本来のリゾルバー（サービスの中継経由）",
    tunnel: "トンネルのリゾルバー（{{servers}}）",
  },
};
