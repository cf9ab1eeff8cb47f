import { useEffect, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import ArrowDown from "lucide-react/icons/arrow-down";
import ArrowUp from "lucide-react/icons/arrow-up";
import { Beside } from "../../parts/Beside.tsx";
import { Card } from "../../parts/Card.tsx";
import { fetchedWhenWanted } from "../../parts/fetch-anew.ts";
import { useWindow, snapshotOf, useSnapshot } from "../../state.ts";
import { formatBytes, rateParts } from "../../texts/format.ts";
import { useLanguage } from "../../texts/use-language.ts";
import { addSample, NO_SAMPLES, type Samples } from "./samples.ts";
import styles from "./Throughput.module.css";

const ThroughputChart = fetchedWhenWanted(
  async () => (await import("./ThroughputChart.tsx")).ThroughputChart,
);

/** Samples that make a line; before that nothing of the chart is fetched, so that the window is there sooner. */
const DRAWN_FROM = 3;

/** Two figures and the last minute of them. */
export function Throughput() {
  const { t } = useTranslation();
  const language = useLanguage();
  const traffic = useSnapshot((snapshot) => snapshot.traffic) ?? null;
  const samples = useSamples();
  const down = rateParts(traffic?.rxRate ?? 0, language);
  const up = rateParts(traffic?.txRate ?? 0, language);
  return (
    <Card>
      <section className={styles.throughput} aria-label={t("home.throughput.title")}>
        <Figure icon="down" label={t("home.throughput.down")} {...down} />
        <div className={styles.chart} role="img" aria-label={t("home.throughput.chart")}>
          {samples[0].length < DRAWN_FROM ? null : (
            <Beside>
              <ThroughputChart samples={samples} />
            </Beside>
          )}
        </div>
        <Figure icon="up" label={t("home.throughput.up")} {...up} />
      </section>
      {traffic === null ? null : (
        <p className={styles.total}>
          {t("home.throughput.total", {
            down: formatBytes(traffic.rxBytes, language),
            up: formatBytes(traffic.txBytes, language),
          })}
        </p>
      )}
    </Card>
  );
}

interface FigureProps {
  readonly icon: "down" | "up";
  readonly label: string;
  readonly value: string;
  readonly unit: string;
}

function Figure({ icon, label, value, unit }: FigureProps) {
  const Symbol = icon === "down" ? ArrowDown : ArrowUp;
  return (
    <p className={[styles.figure, styles[icon]].join(" ")}>
      <span className={styles.label}>
        <Symbol size={14} strokeWidth={2.5} />
        {label}
      </span>
      <span className={styles.value}>
        {value} <span className={styles.unit}>{unit}</span>
      </span>
    </p>
  );
}

/** The rates of the last minute, each time the agent measures them. */
function useSamples(): Samples {
  const [samples, setSamples] = useState(NO_SAMPLES);
  useEffect(
    () =>
      useWindow.subscribe((after, before) => {
        const traffic = snapshotOf(after.bridge)?.traffic;
        if (traffic === snapshotOf(before.bridge)?.traffic) return;
        setSamples((old) =>
          traffic == null ? NO_SAMPLES : addSample(old, Date.now() / 1000, traffic.rxRate, traffic.txRate),
        );
      }),
    [],
  );
  return samples;
}
