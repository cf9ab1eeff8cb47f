import type { Passage } from "./path-drawing.ts";
import styles from "./Rail.module.css";

/** Where a stop's mark stands, from the row's upper left corner, and where the way outside runs; pixels. */
const MARK = { x: 18, y: 24 };
const BESIDE = 52;
/** The mark's radius with its rim. */
const RADIUS = 17;

interface RailProps {
  /** The leg that comes in from the stop before; undefined = none. */
  readonly above: Passage | undefined;
  /** The leg that goes on to the next stop. */
  readonly below: Passage | undefined;
  /** Traffic outside the tunnel: begins at this stop, runs past it, or ends at it. */
  readonly beside: "starts" | "passes" | "ends" | undefined;
}

/** The lines of one row. Rows stand on each other, so that the lines join whatever their height. */
export function Rail({ above, below, beside }: RailProps) {
  const { x, y } = MARK;
  return (
    <svg className={styles.rail} width="60" height="100%" aria-hidden="true" focusable="false">
      {above === undefined ? null : <Leg passage={above} from="0" to={String(y - RADIUS)} />}
      {below === undefined ? null : <Leg passage={below} from={String(y + RADIUS)} to="100%" />}
      {above === "broken" ? (
        <g className={styles.cross}>
          <path d={`M${x - 5} 0 l10 7 m-10 0 l10 -7`} />
        </g>
      ) : null}
      {beside === "starts" ? (
        <>
          <path
            className={styles.direct}
            d={`M${x + RADIUS + 3} ${y} H${BESIDE - 12} Q${BESIDE} ${y} ${BESIDE} ${y + 12}`}
          />
          <line className={styles.direct} x1={BESIDE} y1={y + 12} x2={BESIDE} y2="100%" />
        </>
      ) : null}
      {beside === "passes" ? (
        <line className={styles.direct} x1={BESIDE} y1="0" x2={BESIDE} y2="100%" />
      ) : null}
      {beside === "ends" ? (
        <>
          <path className={styles.direct} d={`M${BESIDE} 0 V${y - 12} Q${BESIDE} ${y} ${BESIDE - 12} ${y}`} />
          <path className={styles.arrow} d={`M${x + RADIUS + 7} ${y - 4} l-5 4 l5 4`} />
        </>
      ) : null}
    </svg>
  );
}

function Leg({
  passage,
  from,
  to,
}: {
  readonly passage: Passage;
  readonly from: string;
  readonly to: string;
}) {
  return (
    <>
      <line className={[styles.leg, styles[passage]].join(" ")} x1={MARK.x} y1={from} x2={MARK.x} y2={to} />
      {passage === "flows" ? (
        <line className={styles.motion} x1={MARK.x} y1={from} x2={MARK.x} y2={to} />
      ) : null}
    </>
  );
}
