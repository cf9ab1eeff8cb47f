import { useEffect, useMemo, useState } from "react";
import Pause from "lucide-react/icons/pause";
import Play from "lucide-react/icons/play";
import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { CopyButton } from "../../parts/CopyButton.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { TextField } from "../../parts/TextField.tsx";
import { whileSeen } from "../../parts/while-seen.ts";
import { follow, readLog, useLog } from "./log-feed.ts";
import { matching, plainLine } from "./log-lines.ts";
import { LogLines } from "./LogLines.tsx";
import styles from "./LogCard.module.css";

/** The agent's log as it comes. */
export function LogCard() {
  const { t } = useTranslation();
  const { lines, following, problem } = useLog();
  const [words, setWords] = useState("");
  const [problemsOnly, setProblemsOnly] = useState(false);
  useEffect(() => whileSeen(readLog), []);
  const shown = useMemo(() => matching(lines, { words, problemsOnly }), [lines, words, problemsOnly]);
  const forgotten = (lines[0]?.sequence ?? 1) > 1;
  return (
    <Card title={t("health.log.title")} lead={t("health.log.lead")}>
      <div className={styles.controls}>
        <div className={styles.filter}>
          <TextField
            label={t("health.log.filter")}
            value={words}
            onChange={setWords}
            placeholder={t("health.log.filterPlaceholder")}
          />
        </div>
        <SegmentedControl
          label={t("health.log.level")}
          showLabel
          value={problemsOnly ? "problems" : "all"}
          options={[
            { id: "all", label: t("health.log.all") },
            { id: "problems", label: t("health.log.problems") },
          ]}
          onChange={(value) => setProblemsOnly(value === "problems")}
        />
      </div>
      <ProblemNotice problem={problem} title={t("health.log.failed")} tone="warn" />
      <LogLines lines={shown} following={following} />
      <div className={styles.foot}>
        <p className={styles.count}>
          {shown.length === lines.length
            ? t("health.log.lines", { count: lines.length })
            : t("health.log.shownOf", { shown: shown.length, count: lines.length })}
          {forgotten ? ` ${t("health.log.forgotten")}` : ""}
        </p>
        <Button icon={following ? Pause : Play} onPress={() => follow(!following)}>
          {t(following ? "health.log.pause" : "health.log.follow")}
        </Button>
        <CopyButton text={() => shown.map(plainLine).join("\n")} label={t("health.log.copyLog")} />
      </div>
    </Card>
  );
}
