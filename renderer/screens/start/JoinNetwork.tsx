import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { LinkFacts } from "../../../src/bridge/state.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { TextArea } from "../../parts/TextField.tsx";
import { useRequest } from "../../parts/use-request.ts";
import { problemWords } from "../../texts/problem-words.ts";
import { EnrollQuestion } from "./EnrollQuestion.tsx";
import styles from "./start.module.css";

/** Paste a link, see what it says, decide. */
export function JoinNetwork() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [empty, setEmpty] = useState(false);
  const [read, setRead] = useState<{ readonly link: string; readonly facts: LinkFacts }>();
  const { run, running, problem, cancel, dismiss } = useRequest("readLink");
  const link = text.trim();

  const readLink = async (): Promise<void> => {
    setEmpty(link === "");
    if (link === "") return;
    const facts = await run({ link });
    if (facts !== undefined) setRead({ link, facts });
  };

  if (read !== undefined)
    return (
      <Card title={t("start.join.asks", { host: read.facts.controlPlane })}>
        <EnrollQuestion
          link={read.link}
          facts={read.facts}
          refuse={t("start.join.back")}
          onRefuse={() => setRead(undefined)}
          onDone={() => setRead(undefined)}
        />
      </Card>
    );
  const refusal = problem === undefined ? undefined : problemWords(problem, t);
  const error = empty
    ? t("start.join.empty")
    : refusal === undefined
      ? undefined
      : [t("start.join.notRead"), refusal.message].join(": ");
  return (
    <Card title={t("start.join.title")} lead={t("start.join.lead")}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void readLink();
        }}
      >
        <TextArea
          label={t("start.join.link")}
          description={t("start.join.linkAbout")}
          value={text}
          onChange={(value) => {
            setText(value);
            setEmpty(false);
            // What is said of the text before is not said of this one.
            cancel();
            dismiss();
          }}
          error={error}
          mono
          rows={3}
          maxLength={2048}
        />
        <div>
          <Button look="primary" type="submit" pending={running ? t("start.join.reading") : false}>
            {t("start.join.read")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
