import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { useRequest } from "../../parts/use-request.ts";
import { useAgentReady } from "../../state.ts";
import { en } from "../../texts/en/index.ts";
import { findingWords } from "../../texts/said-words.ts";
import { useLanguage } from "../../texts/use-language.ts";
import { Conclusion } from "./Conclusion.tsx";
import { VerdictList, VerdictRow } from "./VerdictRow.tsx";
import styles from "./Health.module.css";

type Known = keyof typeof en.health.checks.titles;

function isKnown(code: string): code is Known {
  return Object.hasOwn(en.health.checks.titles, code);
}

/** Looks at everything that the protection rests on. */
export function ChecksCard() {
  const { t } = useTranslation();
  const language = useLanguage();
  const ready = useAgentReady();
  const { running, problem, value, run, cancel } = useRequest("checkHealth");
  const bad = value?.checks.filter(({ verdict }) => verdict === "bad").length ?? 0;
  const conclusion = bad === 0 ? t("health.checks.healthy") : t("health.checks.unhealthy", { count: bad });
  return (
    <Card title={t("health.checks.title")} lead={t("health.checks.lead")}>
      <div className={styles.buttons}>
        <Button
          onPress={() => void run({})}
          isDisabled={!ready}
          pending={running && t("health.checks.running")}
        >
          {t("health.checks.start")}
        </Button>
        {running ? <Button onPress={cancel}>{t("parts.cancel")}</Button> : null}
      </div>
      <ProblemNotice problem={problem} title={t("health.checks.failed")} />
      <StatusText>{running ? t("health.checks.running") : value === undefined ? "" : conclusion}</StatusText>
      {value === undefined ? null : (
        <>
          <Conclusion verdict={bad === 0 ? "good" : "bad"} title={conclusion} />
          <VerdictList label={t("health.checks.results")}>
            {value.checks.map((check) => (
              <VerdictRow
                key={check.code}
                verdict={check.verdict}
                title={isKnown(check.code) ? t(`health.checks.titles.${check.code}`) : check.title}
              >
                <p>{findingWords(check, language, t)}</p>
              </VerdictRow>
            ))}
          </VerdictList>
        </>
      )}
    </Card>
  );
}
