/**
 * Reads the log while somebody looks at it: nothing while the window is hidden or the log is paused, and drawn at most
 * once a frame however much comes.
 */
import { create } from "zustand";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import type { LogLine } from "../../../src/rpc/diagnostics.ts";
import { request } from "../../state.ts";
import { withLines } from "./log-lines.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 250;
const PAGE = 1000;

interface Feed {
  readonly lines: readonly LogLine[];
  readonly following: boolean;
  readonly problem: BridgeProblem | undefined;
}

export const useLog = create<Feed>(() => ({ lines: [], following: true, problem: undefined }));

let next = 0;
let waiting: LogLine[] = [];
let frame: number | undefined;

function draw(): void {
  frame = undefined;
  const more = waiting;
  waiting = [];
  useLog.setState(({ lines }) => ({ lines: withLines(lines, more) }));
}

export function follow(following: boolean): void {
  useLog.setState({ following });
}

/** Reads until it is stopped. */
export function readLog(): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = (wait: number): void => {
    if (!stopped) timer = setTimeout(() => void look(), wait);
  };
  const look = async (): Promise<void> => {
    if (!useLog.getState().following) {
      again(LOOK_MS);
      return;
    }
    const outcome = await request("readLog", { after: next, limit: PAGE });
    if (stopped) return;
    if (!outcome.ok) {
      useLog.setState({ problem: outcome.problem });
      again(LOOK_MS * 8);
      return;
    }
    const { lines } = outcome.value;
    ({ next } = outcome.value);
    if (lines.length > 0) {
      waiting.push(...lines);
      frame ??= requestAnimationFrame(draw);
    }
    if (useLog.getState().problem !== undefined) useLog.setState({ problem: undefined });
    again(lines.length === PAGE ? 0 : LOOK_MS);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
