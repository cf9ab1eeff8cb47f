import { useState } from "react";
import LogOut from "lucide-react/icons/log-out";
import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ConfirmDialog } from "../../parts/Dialog.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { notify } from "../../parts/toasts.ts";
import { useRequest } from "../../parts/use-request.ts";
import { useAgentReady, useSnapshot } from "../../state.ts";
import styles from "./Settings.module.css";

/** Which network this device is in, and the way out of it. */
export function DeviceCard() {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const enrollment = useSnapshot((snapshot) => snapshot.enrollment);
  const [asking, setAsking] = useState(false);
  const { running, problem, run, dismiss } = useRequest("logout");
  if (enrollment === undefined) return null;
  if (enrollment === null)
    return (
      <Card title={t("settings.device.title")}>
        <p>{t("settings.device.none")}</p>
      </Card>
    );
  const logout = async (): Promise<void> => {
    const done = await run({});
    setAsking(false);
    if (done !== undefined) notify({ text: t("settings.logout.done") });
  };
  const facts = [
    ["network", enrollment.networkName],
    ["workspace", enrollment.workspaceName],
    ["controlPlane", enrollment.controlPlane],
    ["id", enrollment.deviceId],
    ["publicKey", enrollment.publicKey],
  ] as const;
  return (
    <Card title={t("settings.device.title")}>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <Fact key={name} name={t(`settings.device.${name}`)} value={value} mono={name === "publicKey"} />
        ))}
      </dl>
      <ProblemNotice problem={problem} title={t("settings.logout.failed")} onDismiss={dismiss} />
      <div className={styles.buttons}>
        <Button look="danger" icon={LogOut} onPress={() => setAsking(true)} isDisabled={!ready}>
          {t("settings.device.logout")}
        </Button>
      </div>
      <ConfirmDialog
        title={t("settings.logout.title", { network: enrollment.networkName })}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => void logout()}
        confirm={t("settings.logout.confirm")}
        cancel={t("parts.cancel")}
        pending={running && t("settings.logout.pending")}
        danger
      >
        <p>{t("settings.logout.text")}</p>
        <p>{t("settings.logout.stays")}</p>
      </ConfirmDialog>
    </Card>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly mono: boolean;
}

function Fact({ name, value, mono }: FactProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? styles.mono : undefined}>{value}</dd>
    </>
  );
}
