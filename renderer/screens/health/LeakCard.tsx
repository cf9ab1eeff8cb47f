import { useEffect, useRef, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { request, useAgentReady } from "../../state.ts";
import { Conclusion } from "./Conclusion.tsx";
import { LEAK_CHECKS } from "./leak-checks.ts";
import { conclusionOf, NO_RUN, runLeakTest, type LeakRun } from "./leak-run.ts";
import { leakWords } from "./leak-words.ts";
import { VerdictList, VerdictRow } from "./VerdictRow.tsx";
import styles from "./Health.module.css";

const SIGN = {
  nothing: "skipped",
  broken: "bad",
  untested: "warning",
  heldPrivate: "good",
  heldEverything: "good",
} as const;

/** Tries to get past what is promised, and says plainly what came of it. */
export function LeakCard() {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const [run, setRun] = useState<LeakRun>(NO_RUN);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const start = (): void => {
    const controller = new AbortController();
    stop.current = controller;
    void runLeakTest((only) => request("testLeaks", { only }), setRun, controller.signal);
  };
  const cancel = (): void => {
    stop.current?.abort();
    setRun((before) => ({ ...before, state: "cancelled", current: undefined }));
  };
  const { state, current, checks, problem } = run;
  const running = state === "running";
  const progress =
    current === undefined
      ? ""
      : t("health.leaks.progress", {
          check: t(`health.leaks.checks.${current}.title`),
          done: LEAK_CHECKS.indexOf(current) + 1,
          count: LEAK_CHECKS.length,
        });
  const conclusion = state === "done" ? conclusionOf(run) : undefined;
  return (
    <Card title={t("health.leaks.title")} lead={t("health.leaks.lead")}>
      <div className={styles.buttons}>
        {running ? (
          <Button onPress={cancel}>{t("health.leaks.cancel")}</Button>
        ) : (
          <Button look="primary" onPress={start} isDisabled={!ready}>
            {t(state === "idle" ? "health.leaks.start" : "health.leaks.again")}
          </Button>
        )}
        {running ? <p className={styles.progress}>{progress}</p> : null}
      </div>
      <StatusText>
        {running ? progress : conclusion === undefined ? "" : t(`health.leaks.${conclusion}`)}
      </StatusText>
      {conclusion === undefined ? null : (
        <Conclusion verdict={SIGN[conclusion]} title={t(`health.leaks.${conclusion}`)}>
          {conclusion === "nothing" ? t("health.leaks.nothingText") : null}
          {conclusion === "heldPrivate" ? t("health.leaks.heldPrivateText") : null}
        </Conclusion>
      )}
      {state === "cancelled" || state === "changed" ? (
        <Conclusion verdict="skipped" title={t(`health.leaks.${state}`)} />
      ) : null}
      <ProblemNotice problem={problem} />
      {checks.length === 0 ? null : (
        <VerdictList label={t("health.leaks.results")}>
          {checks.map((check) => {
            const { title, tried, message, remedy } = leakWords(check, t);
            return (
              <VerdictRow key={check.code} verdict={check.verdict} title={title}>
                <p>{message}</p>
                {remedy === null ? null : <p>{remedy}</p>}
                {check.verdict === "bad" || check.verdict === "warning" ? (
                  <p>{t("health.leaks.tried", { tried })}</p>
                ) : null}
              </VerdictRow>
            );
          })}
        </VerdictList>
      )}
    </Card>
  );
}
