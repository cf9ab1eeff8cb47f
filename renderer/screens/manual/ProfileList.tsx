import FileText from "lucide-react/icons/file-text";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { Row, RowList } from "../../parts/RowList.tsx";
import { useSnapshot } from "../../state.ts";
import { firstFew } from "./first-few.ts";
import { select } from "./library.ts";
import { askedOf } from "./report.ts";

interface ProfileListProps {
  readonly profiles: readonly Profile[];
  /** The one whose details stand beside the list. */
  readonly current: string | undefined;
}

/** The saved ones: what each steers, through whom, and how it stands. */
export function ProfileList({ profiles, current }: ProfileListProps) {
  const { t } = useTranslation();
  return (
    <Card flush>
      <RowList label={t("manual.list")}>
        {profiles.map((profile) => (
          <Row
            key={profile.id}
            leading={<FileText size={20} />}
            title={profile.name}
            detail={<Summary profile={profile} />}
            isCurrent={profile.id === current}
            onPress={() => select(profile.id)}
            trailing={<Marks profile={profile} />}
          />
        ))}
      </RowList>
    </Card>
  );
}

function Summary({ profile }: { readonly profile: Profile }) {
  const { t } = useTranslation();
  const { mode, prefixes } = profile.steers;
  const { gateways } = askedOf(profile.config);
  const what = mode === "full_tunnel" ? t("manual.everything") : firstFew(prefixes, 2);
  const where = gateways.length === 0 ? t("manual.noEndpoint") : firstFew(gateways, 2);
  return <>{t("manual.by", { what, where })}</>;
}

const TONES = {
  connected: "ok",
  connecting: "accent",
  disconnecting: "accent",
  reconnecting: "warn",
  blocked: "warn",
  disconnected: "quiet",
} as const;

/** What is to be known of it at a glance. */
export function Marks({ profile }: { readonly profile: Profile }) {
  const { t } = useTranslation();
  const state = useSnapshot((snapshot) =>
    snapshot.profile?.id === profile.id ? snapshot.tunnel.state : undefined,
  );
  return (
    <>
      {profile.steers.narrowed ? <Badge tone="quiet">{t("manual.narrowedBadge")}</Badge> : null}
      {profile.shared ? <Badge tone="quiet">{t("manual.shared")}</Badge> : null}
      {state === undefined ? null : <Badge tone={TONES[state]}>{t(`manual.states.${state}`)}</Badge>}
    </>
  );
}
