import { memo } from "react";
import { useTranslation } from "../../texts/speech.ts";
import HeartCrack from "lucide-react/icons/heart-crack";
import HeartPulse from "lucide-react/icons/heart-pulse";
import { Badge } from "../../parts/Badge.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import type { GatewayRow } from "../../gateway-row.ts";
import type { useCurrentGateways } from "../../known-gateways.ts";
import { placeName } from "../../texts/place-name.ts";
import { formatMilliseconds } from "../../texts/format.ts";
import { useLanguage } from "../../texts/use-language.ts";
import { partOf, verdictWords } from "./verdict.ts";
import styles from "./GatewayList.module.css";

/** Every gateway with its health, its distance, and the verdict on it for each end. */
export function GatewayList({ gateways }: { readonly gateways: ReturnType<typeof useCurrentGateways> }) {
  const { t } = useTranslation();
  const { rows, problem, asked } = gateways;
  return (
    <Card flush title={t("path.gateways")} lead={t("path.gatewaysLead")}>
      {problem === undefined ? null : (
        <div className={styles.problem}>
          <ProblemNotice problem={problem} tone="info" title={t("path.gatewaysProblem")} />
        </div>
      )}
      {rows.length === 0 && problem === undefined ? (
        <p className={styles.none}>{t(asked ? "path.gatewaysNone" : "path.gatewaysLoading")}</p>
      ) : null}
      <ul aria-label={t("path.gateways")}>
        {rows.map((row) => (
          <GatewayItem key={row.deviceId} row={row} />
        ))}
      </ul>
    </Card>
  );
}

const GatewayItem = memo(function GatewayItem({ row }: { readonly row: GatewayRow }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const part = partOf(row);
  const Health = row.healthy ? HeartPulse : HeartCrack;
  return (
    <li className={styles.gateway}>
      <div className={styles.head}>
        <span className={styles.name}>{placeName(row)}</span>
        {placeName(row) === row.region ? null : <span className={styles.quiet}>{row.region}</span>}
        {part === undefined ? null : <Badge>{t(`path.badge.${part}`)}</Badge>}
        <span className={styles.figures}>
          <span className={row.healthy ? styles.quiet : styles.ill}>
            <Health size={14} />
            {t(row.healthy ? "path.healthy" : "path.unhealthy")}
          </span>
          <span className={styles.time}>
            {row.roundTripMs === null ? t("path.notMeasured") : formatMilliseconds(row.roundTripMs, language)}
          </span>
        </span>
      </div>
      <dl className={styles.ends}>
        {(["ingress", "egress"] as const).map((end) => (
          <div key={end}>
            <dt>{t(`path.ends.${end}`)}</dt>
            <dd>{verdictWords(row, end, t)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
});
