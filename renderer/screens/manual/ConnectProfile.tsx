import { useState } from "react";
import Plug from "lucide-react/icons/plug";
import Unplug from "lucide-react/icons/unplug";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Button } from "../../parts/Button.tsx";
import { ConfirmDialog } from "../../parts/Dialog.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { useAgentReady, useSnapshot } from "../../state.ts";
import { reasonText } from "../../texts/reason-words.ts";
import { profileWords } from "../../texts/said-words.ts";
import { useInPlace } from "./in-place.ts";
import { connect, disconnect } from "./library.ts";
import { namedPrefixes } from "./report.ts";
import styles from "./ProfileDetail.module.css";

/** Connects a configuration, with what that means said before. */
export function ConnectProfile({ profile }: { readonly profile: Profile }) {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const { name, id, steers } = profile;
  const tunnel = useSnapshot((snapshot) => snapshot.tunnel.state) ?? "disconnected";
  const inForce = useSnapshot((snapshot) =>
    snapshot.profile?.id === id && "mode" in snapshot.tunnel ? snapshot.tunnel.mode : undefined,
  );
  const active = useSnapshot((snapshot) => (snapshot.profile?.id === id ? snapshot.profile : null));
  const trouble = active == null ? null : profileWords(active, t);
  const reason = useSnapshot((snapshot) =>
    snapshot.profile?.id === id && "reason" in snapshot.tunnel ? snapshot.tunnel.reason : undefined,
  );
  const other = useInPlace(id);
  const canChoose = steers.mode === "full_tunnel" && namedPrefixes(steers.prefixes).length > 0;
  const [chosen, setChosen] = useState<"full_tunnel" | "vpn_only">();
  const [asking, setAsking] = useState(false);
  const [pending, setPending] = useState(false);
  const mode = chosen ?? inForce ?? steers.mode;
  const isActive = inForce !== undefined;

  const follow = async (work: Promise<void>): Promise<void> => {
    setPending(true);
    await work;
    setPending(false);
  };
  const start = (): void => {
    setAsking(false);
    void follow(connect(profile, canChoose ? mode : undefined));
  };
  return (
    <>
      {canChoose ? (
        <SegmentedControl
          label={t("manual.mode.label")}
          showLabel
          value={mode}
          options={[
            { id: "full_tunnel", label: t("manual.mode.full_tunnel") },
            { id: "vpn_only", label: t("manual.mode.vpn_only") },
          ]}
          onChange={(next) => {
            setChosen(next);
            // Connected, it is changed at once, as the mode is everywhere.
            if (isActive) void follow(connect(profile, next));
          }}
          isDisabled={!ready || pending}
        />
      ) : null}
      <div className={styles.means}>
        <p>{t(mode === "full_tunnel" ? "manual.mode.full_tunnelText" : "manual.mode.vpn_onlyText")}</p>
        {isActive || other === undefined ? null : (
          <p className={styles.quiet}>
            {other.kind === "profile"
              ? t("manual.means.insteadOther", { name: other.name })
              : t("manual.means.instead", { path: other.name })}
          </p>
        )}
        <p className={styles.quiet}>{t("manual.means.handshake")}</p>
      </div>
      {reason === undefined ? null : (
        <ProblemCard tone="warn" title={t(`manual.states.${tunnel}`)}>
          <p>{reasonText(reason, t)}</p>
        </ProblemCard>
      )}
      {trouble === null ? null : <ProblemCard tone="warn" title={trouble} />}
      <div className={styles.buttons}>
        {isActive ? (
          <Button
            icon={Unplug}
            onPress={() => void follow(disconnect())}
            isDisabled={!ready}
            pending={(pending || tunnel === "disconnecting") && t("manual.disconnecting")}
          >
            {t("manual.disconnect")}
          </Button>
        ) : (
          <Button
            look="primary"
            icon={Plug}
            onPress={() => (other === undefined ? start() : setAsking(true))}
            isDisabled={!ready}
            pending={pending && t("manual.connecting")}
          >
            {t("manual.connect")}
          </Button>
        )}
      </div>
      {other === undefined ? null : (
        <ConfirmDialog
          title={t("manual.replace.title", {
            name,
            other: other.kind === "profile" ? other.name : t("manual.replace.managed"),
          })}
          isOpen={asking}
          onClose={() => setAsking(false)}
          onConfirm={start}
          confirm={t("manual.replace.confirm", { name })}
          cancel={t("parts.cancel")}
        >
          <p>{t("manual.replace.text", { other: other.name })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
