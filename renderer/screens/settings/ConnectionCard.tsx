import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import type { Settings } from "../../../src/rpc/settings.ts";
import { Card } from "../../parts/Card.tsx";
import { ConfirmDialog } from "../../parts/Dialog.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SwitchRow } from "../../parts/Switch.tsx";
import { useAgentReady, useSnapshot } from "../../state.ts";
import { changeSetting, switchedTo, useRefusal } from "./change.ts";
import styles from "./Settings.module.css";

/** The agent's settings. */
export function ConnectionCard() {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const settings = useSnapshot((snapshot) => snapshot.settings);
  const refusal = useRefusal((state) => state.agent);
  const [asking, setAsking] = useState(false);
  if (settings === undefined) return null;
  const labels: Readonly<Record<keyof Settings, string>> = {
    connectAtStart: t("settings.connection.connectAtStart"),
    lockdown: t("settings.connection.lockdown"),
    localNetwork: t("settings.connection.localNetwork"),
    dns: t("settings.connection.dns"),
  };
  const change = <K extends keyof Settings>(name: K, value: Settings[K], on: boolean): void =>
    void changeSetting(name, value, settings[name], switchedTo(labels[name], on));
  return (
    <Card title={t("settings.connection.title")} flush>
      <div>
        <SwitchRow
          label={labels.connectAtStart}
          description={t("settings.connection.connectAtStartText")}
          isSelected={settings.connectAtStart === "on"}
          onChange={(on) => change("connectAtStart", on ? "on" : "off", on)}
          isDisabled={!ready}
        />
        <SwitchRow
          label={labels.lockdown}
          description={t("settings.connection.lockdownText")}
          isSelected={settings.lockdown === "on"}
          onChange={() => setAsking(true)}
          isDisabled={!ready}
        />
        <SwitchRow
          label={labels.localNetwork}
          description={t("settings.connection.localNetworkText")}
          isSelected={settings.localNetwork === "allow"}
          onChange={(on) => change("localNetwork", on ? "allow" : "block", on)}
          isDisabled={!ready}
        />
        <SwitchRow
          label={labels.dns}
          description={t("settings.connection.dnsText")}
          isSelected={settings.dns === "automatic"}
          onChange={(on) => change("dns", on ? "automatic" : "off", on)}
          isDisabled={!ready}
        />
      </div>
      {refusal === undefined ? null : (
        <div className={styles.notice}>
          <ProblemNotice
            problem={refusal}
            title={t("settings.failed")}
            onDismiss={() => useRefusal.setState({ agent: undefined })}
          />
        </div>
      )}
      <AskLockdown
        isOn={settings.lockdown === "on"}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          const on = settings.lockdown !== "on";
          change("lockdown", on ? "on" : "off", on);
        }}
      />
    </Card>
  );
}

interface AskLockdownProps {
  readonly isOn: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Lockdown surprises either way: it is explained before. */
function AskLockdown({ isOn, isOpen, onClose, onConfirm }: AskLockdownProps) {
  const { t } = useTranslation();
  const atRest = useSnapshot(isAtRest);
  const subject = isOn ? "lockdownOff" : "lockdownOn";
  return (
    <ConfirmDialog
      title={t(`settings.${subject}.title`)}
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={onConfirm}
      confirm={t(`settings.${subject}.confirm`)}
      cancel={t("parts.cancel")}
      danger={isOn}
    >
      <p>{t(`settings.${subject}.text`)}</p>
      {atRest === true ? <p>{t(isOn ? "settings.lockdownOff.now" : "settings.lockdownOn.open")}</p> : null}
    </ConfirmDialog>
  );
}
