import { useTranslation } from "../../texts/speech.ts";
import CornerDownRight from "lucide-react/icons/corner-down-right";
import FileText from "lucide-react/icons/file-text";
import Globe from "lucide-react/icons/globe";
import House from "lucide-react/icons/house";
import Laptop from "lucide-react/icons/laptop";
import Network from "lucide-react/icons/network";
import Server from "lucide-react/icons/server";
import { Badge } from "../../parts/Badge.tsx";
import { Rail } from "./Rail.tsx";
import type { Drawing, Passage, Stop } from "./path-drawing.ts";
import styles from "./PathDrawing.module.css";

const SYMBOLS = {
  device: Laptop,
  gateway: Server,
  profile: FileText,
  private: Network,
  internet: Globe,
  local: House,
} as const;

interface PathDrawingProps {
  readonly drawing: Drawing;
  /** False: this is what was so last. Nothing moves then. */
  readonly isLive: boolean;
}

/** The path as a list whose marks are joined to a drawing: the way through the tunnel, and what goes beside it. */
export function PathDrawing({ drawing, isLive }: PathDrawingProps) {
  const { t } = useTranslation();
  const { stops, legs, outside, note } = drawing;
  return (
    <section className={isLive ? "" : styles.past} aria-label={t("home.path.title")}>
      <ol className={styles.stops}>
        {stops.map((stop, at) => (
          <StopRow
            key={`${stop.kind} ${stop.title} ${at}`}
            stop={stop}
            above={legs[at - 1]}
            below={legs[at]}
            beside={outside === null ? undefined : at === 0 ? "starts" : "passes"}
          />
        ))}
        {outside === null ? null : (
          <StopRow stop={outside} above={undefined} below={undefined} beside="ends" isOutside />
        )}
      </ol>
      {note === null ? null : <p className={styles.note}>{note}</p>}
    </section>
  );
}

interface StopRowProps {
  readonly stop: Stop;
  readonly above: Passage | undefined;
  readonly below: Passage | undefined;
  readonly beside: "starts" | "passes" | "ends" | undefined;
  readonly isOutside?: boolean;
}

function StopRow({ stop, above, below, beside, isOutside = false }: StopRowProps) {
  const Symbol = SYMBOLS[stop.kind];
  return (
    <li className={[styles.stop, styles[stop.state], isOutside ? styles.outside : ""].join(" ")}>
      <Rail above={above} below={below} beside={beside} />
      <span className={styles.mark} aria-hidden="true">
        <Symbol size={16} />
      </span>
      <div className={styles.words}>
        <p className={styles.title}>
          {stop.title}
          {stop.badge === null ? null : <Badge tone="warn">{stop.badge}</Badge>}
        </p>
        {stop.details.length === 0 ? null : (
          <p className={styles.details}>
            {stop.details.map((detail) => (
              <span key={detail} className={styles.detail}>
                {detail}
              </span>
            ))}
          </p>
        )}
        {stop.branch === null ? null : (
          <p className={styles.branch}>
            <CornerDownRight size={14} />
            <Network size={14} />
            {stop.branch}
          </p>
        )}
      </div>
    </li>
  );
}
