import { useEffect, useRef, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import Check from "lucide-react/icons/check";
import ShieldAlert from "lucide-react/icons/shield-alert";
import ShieldCheck from "lucide-react/icons/shield-check";
import type { LinkFacts } from "../../../src/bridge/state.ts";
import { Button } from "../../parts/Button.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { TextField } from "../../parts/TextField.tsx";
import { notify } from "../../parts/toasts.ts";
import { useRequest } from "../../parts/use-request.ts";
import { useSnapshot } from "../../state.ts";
import styles from "./start.module.css";

interface EnrollQuestionProps {
  readonly link: string;
  readonly facts: LinkFacts;
  /** Words of the button that does not enrol. */
  readonly refuse: string;
  readonly onRefuse: () => void;
  readonly onDone: () => void;
}

/** Who asks, what they will be allowed to do, and the two answers. Nothing is done before one is given. */
export function EnrollQuestion({ link, facts, refuse, onRefuse, onDone }: EnrollQuestionProps) {
  const { t } = useTranslation();
  const enrollment = useSnapshot((snapshot) => snapshot.enrollment);
  const [name, setName] = useState("");
  const { run, running, problem, cancel } = useRequest("enroll");
  const question = useRef<HTMLDivElement>(null);
  useEffect(() => question.current?.focus(), []);

  const enroll = async (): Promise<void> => {
    const chosen = name.trim();
    const done = await run(chosen === "" ? { link } : { link, name: chosen });
    if (done === undefined) return;
    notify({
      text: t("start.join.done", { network: done.networkName, workspace: done.workspaceName }),
    });
    onDone();
  };

  if (enrollment !== null && enrollment !== undefined && !running)
    return (
      <>
        <ProblemCard
          tone="info"
          title={t("start.join.already", {
            network: enrollment.networkName,
            workspace: enrollment.workspaceName,
          })}
        >
          <p>{t("start.join.alreadyText")}</p>
        </ProblemCard>
        <div className={styles.actions}>
          <Button onPress={onRefuse}>{refuse}</Button>
        </div>
      </>
    );
  const Shield = facts.pinned ? ShieldCheck : ShieldAlert;
  return (
    <div className={styles.form} ref={question} tabIndex={-1}>
      <dl className={styles.facts}>
        <dt>{t("start.join.host")}</dt>
        <dd className={styles.host}>{facts.controlPlane}</dd>
      </dl>
      <p className={styles.fact}>
        <Shield size={18} className={facts.pinned ? styles.good : styles.warn} />
        {t(facts.pinned ? "start.join.pinned" : "start.join.notPinned")}
      </p>
      <div>
        <p className={styles.strong}>{t("start.join.may")}</p>
        <ul className={styles.list}>
          {(["path", "see", "revoke"] as const).map((id) => (
            <li key={id}>
              <Check size={16} />
              {t(`start.join.mayList.${id}`)}
            </li>
          ))}
        </ul>
        <p className={styles.quiet}>{t("start.join.mayNot")}</p>
      </div>
      <TextField
        label={t("start.join.name")}
        description={t("start.join.nameAbout")}
        value={name}
        onChange={setName}
        maxLength={63}
        isDisabled={running}
      />
      <ProblemNotice problem={problem} title={t("start.join.notEnrolled")} />
      {running ? (
        <p className={styles.quiet}>{t("start.join.enrollingLong", { host: facts.controlPlane })}</p>
      ) : null}
      <StatusText>{running ? t("start.join.enrolling") : ""}</StatusText>
      <div className={styles.actions}>
        {running ? (
          <Button onPress={cancel}>{t("start.join.stopWaiting")}</Button>
        ) : (
          <Button onPress={onRefuse}>{refuse}</Button>
        )}
        <Button
          look="primary"
          onPress={() => void enroll()}
          pending={running ? t("start.join.enrolling") : false}
        >
          {t("start.join.enroll")}
        </Button>
      </div>
    </div>
  );
}
