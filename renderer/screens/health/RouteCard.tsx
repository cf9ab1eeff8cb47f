import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { TextField } from "../../parts/TextField.tsx";
import { useRequest } from "../../parts/use-request.ts";
import { useAgentReady } from "../../state.ts";
import { deciderWords, resolverWords } from "../../texts/said-words.ts";
import { RouteDrawing } from "./RouteDrawing.tsx";
import styles from "./Health.module.css";

/** Where traffic to an address or a name goes: as it is intended, beside what the kernel does. */
export function RouteCard() {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const [target, setTarget] = useState("");
  const { running, problem, value, run, cancel } = useRequest("explainRoute");
  const wanted = target.trim();
  return (
    <Card title={t("health.route.title")} lead={t("health.route.lead")}>
      <form
        className={styles.ask}
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== "") void run({ target: wanted });
        }}
      >
        <div className={styles.field}>
          <TextField
            label={t("health.route.label")}
            value={target}
            onChange={setTarget}
            placeholder={t("health.route.placeholder")}
            maxLength={253}
          />
        </div>
        <Button type="submit" look="primary" isDisabled={!ready || wanted === ""}>
          {t("health.route.ask")}
        </Button>
      </form>
      <StatusText>{running ? t("health.route.asking") : ""}</StatusText>
      {running ? (
        <div className={styles.buttons}>
          <p className={styles.progress}>{t("health.route.asking")}</p>
          <Button onPress={cancel}>{t("health.route.cancel")}</Button>
        </div>
      ) : null}
      <ProblemNotice problem={problem} title={t("health.route.failed")} tone="warn" />
      {value === undefined || problem !== undefined || running ? null : (
        <div className={styles.answer} aria-live="polite">
          {value.routes.map((route) => (
            <RouteDrawing key={route.address} target={value.target} route={route} />
          ))}
          <dl className={styles.facts}>
            <dt>{t("health.route.decidedBy")}</dt>
            <dd>{deciderWords(value, t)}</dd>
            {value.dns === null ? null : (
              <>
                <dt>{t("health.route.dns")}</dt>
                <dd>{resolverWords(value, t)}</dd>
              </>
            )}
          </dl>
        </div>
      )}
    </Card>
  );
}
