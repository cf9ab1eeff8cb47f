import Ban from "lucide-react/icons/ban";
import CircleCheck from "lucide-react/icons/circle-check";
import Globe from "lucide-react/icons/globe";
import Laptop from "lucide-react/icons/laptop";
import OctagonX from "lucide-react/icons/octagon-x";
import Server from "lucide-react/icons/server";
import { useTranslation } from "../../texts/speech.ts";
import type { RequestResult } from "../../../src/bridge/contract.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { useSnapshot } from "../../state.ts";
import { placeName } from "../../texts/place-name.ts";
import { routeWords } from "../../texts/said-words.ts";
import { actualStops, intendedStops, type Stop, type Way } from "./way-stops.ts";
import styles from "./RouteDrawing.module.css";

type Route = RequestResult<"explainRoute">["routes"][number];

const SYMBOLS = { device: Laptop, gateway: Server, target: Globe, nowhere: Ban };

/** One address: the way that is intended over the one that the kernel takes, and whether they are the same. */
export function RouteDrawing({ target, route }: { readonly target: string; readonly route: Route }) {
  const { t } = useTranslation();
  const { address, expected, actual, agrees } = route;
  const path = useSnapshot((snapshot) => snapshot.path) ?? null;
  const named = { way: expected.way, hops: expected.hops.map((name) => gatewayCalled(name, path)) };
  const end = target === address ? address : `${target} (${address})`;
  const how =
    actual.interface === null ? null : t("health.route.byInterface", { interface: actual.interface });
  return (
    <section className={styles.route} aria-label={end}>
      <h3 className={styles.address}>{end}</h3>
      <p className={styles.why}>{routeWords(expected, t)}</p>
      <Lane
        title={t("health.route.intended")}
        way={expected.way}
        note={null}
        stops={intendedStops(named, address)}
      />
      <Lane
        title={t("health.route.really")}
        way={actual.way}
        note={how}
        stops={actualStops(actual, named, address)}
      />
      <p className={agrees ? styles.agrees : styles.disagrees}>
        {agrees ? <CircleCheck size={18} /> : <OctagonX size={18} />}
        <span>
          {t(agrees ? "health.route.agrees" : "health.route.disagrees")}
          {agrees ? null : ` ${t("health.route.disagreesText")}`}
        </span>
      </p>
    </section>
  );
}

/** A gateway as the other screens call it. */
function gatewayCalled(name: string, path: Snapshot["path"]): string {
  const pairs = path === null ? [] : [path, ...path.alternates];
  const hop = pairs.flatMap(({ ingress, egress }) => [ingress, egress]).find((one) => one?.name === name);
  return hop === undefined ? name : placeName(hop);
}

interface LaneProps {
  readonly title: string;
  readonly way: Way;
  readonly note: string | null;
  readonly stops: readonly Stop[];
}

function Lane({ title, way, note, stops }: LaneProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.lane}>
      <p className={styles.title}>
        <b>{title}</b>: {t(`health.route.ways.${way}`)}
        {note === null ? null : <span className={styles.note}> {note}</span>}
      </p>
      <ol className={[styles.stops, way === "tunnel" ? styles.tunnel : ""].join(" ")}>
        {stops.map(({ kind, name }) => {
          const Symbol = SYMBOLS[kind];
          return (
            <li key={`${kind} ${name ?? ""}`} className={[styles.stop, styles[kind]].join(" ")}>
              <Symbol size={16} />
              <span>
                {kind === "device" ? t("health.route.device") : (name ?? t("health.route.nowhere"))}
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
