import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { WINDOW_S, type Samples } from "./samples.ts";

const HEIGHT = 44;

/** Bits a second at the top of the chart at least: an idle tunnel's few packets are no mountains. */
const LEAST_TOP = 50_000;

/** The last minute as two lines, without axes: the figures beside it say how much. */
export function ThroughputChart({ samples }: { readonly samples: Samples }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const make = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(options(element), [[], [], []], element);
    };
    make();
    // The canvas knows no custom properties: it is drawn anew when the colours are others.
    const dressed = new MutationObserver(make);
    dressed.observe(document.documentElement, { attributeFilter: ["data-appearance"] });
    const resized = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      dressed.disconnect();
      resized.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    if (document.hidden) return;
    chart.current?.setData([[...samples[0]], [...samples[1]], [...samples[2]]]);
  }, [samples]);
  return <div ref={place} aria-hidden="true" />;
}

function options(element: HTMLElement): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(element).getPropertyValue(name).trim();
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [2, 0, 2, 0],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: {
        time: false,
        range: (_chart, _from, to) => [(to || WINDOW_S) - WINDOW_S, to || WINDOW_S],
      },
      y: { range: (_chart, _from, to) => [0, Math.max(LEAST_TOP, to * 1.1)] },
    },
    series: [
      {},
      { stroke: colour("--accent"), fill: colour("--accent-soft"), width: 2, points: { show: false } },
      { stroke: colour("--muted"), width: 1.5, dash: [4, 3], points: { show: false } },
    ],
  };
}
