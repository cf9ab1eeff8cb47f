import CircleCheck from "lucide-react/icons/circle-check";
import OctagonX from "lucide-react/icons/octagon-x";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import { useTranslation } from "../../texts/speech.ts";
import { unusedWords } from "../../texts/said-words.ts";
import { firstFew } from "./first-few.ts";
import { askedOf, type Document } from "./report.ts";
import { SourceView } from "./SourceView.tsx";
import styles from "./DocumentView.module.css";

const SYMBOLS = { accepted: CircleCheck, accepted_with_changes: TriangleAlert, refused: OctagonX };

/** The report on one document: the verdict in one sentence, what it would steer, what is not used, the text. */
export function DocumentView({ document }: { readonly document: Document }) {
  const { t } = useTranslation();
  const { verdict, source, findings, findingCount } = document;
  const unused = unusedWords(document, t);
  return (
    <div className={styles.document}>
      <Verdict verdict={verdict} />
      <Steers document={document} />
      {unused.length === 0 ? null : (
        <section aria-label={t("manual.report.unused")} className={styles.unused}>
          <h3>{t("manual.report.unused")}</h3>
          <ul>
            {unused.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      )}
      <SourceView source={source} findings={findings} findingCount={findingCount} />
    </div>
  );
}

export function Verdict({ verdict }: { readonly verdict: Document["verdict"] }) {
  const { t } = useTranslation();
  const Symbol = SYMBOLS[verdict];
  return (
    <p className={[styles.verdict, styles[verdict]].join(" ")}>
      <Symbol size={20} />
      <span>{t(`manual.report.${verdict}`)}</span>
    </p>
  );
}

/** What connecting it would steer, and through whom. */
export function Steers({ document: { config, steers } }: { readonly document: Document }) {
  const { t } = useTranslation();
  if (config === null || steers === null) return null;
  const { gateways } = askedOf(config);
  const through = gateways.length === 0 ? t("manual.noEndpoint") : firstFew(gateways, 8);
  if (steers.prefixes.length === 0) return <p>{t("manual.report.steersNothing")}</p>;
  return (
    <p>
      {steers.mode === "full_tunnel"
        ? t("manual.report.steersEverything", { gateways: through })
        : t("manual.report.steersSome", { prefixes: firstFew(steers.prefixes, 8), gateways: through })}
    </p>
  );
}
