/** Files on their way to becoming configurations: each is checked by the agent, seen by the person, then saved. */
import { t } from "../../texts/speech.ts";
import { create } from "zustand";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import type { GivenFile } from "../../../src/bridge/state.ts";
import type { ImportReport } from "../../../src/rpc/profiles.ts";
import { notify } from "../../parts/toasts.ts";
import { request } from "../../state.ts";
import { refresh, select } from "./library.ts";
import { suggestedName, type Document } from "./report.ts";

const MOST_FILES = 16;

/** One configuration of one file. */
export interface Candidate {
  readonly key: string;
  /** Digest of the file that it came in, and its place in there. */
  readonly digest: string;
  readonly index: number;
  readonly fileName: string;
  readonly document: Document;
  /** What the person wants to call it. */
  readonly name: string;
  readonly chosen: boolean;
}

interface Importing {
  readonly isOpen: boolean;
  /** The file that is being checked; undefined = all are. */
  readonly checking: { readonly name: string; readonly done: number; readonly count: number } | undefined;
  readonly candidates: readonly Candidate[];
  /** What could not be looked at or saved. */
  readonly problems: readonly { readonly title: string; readonly problem: BridgeProblem }[];
  /** Sentences about what was dropped and is no file that could be looked at. */
  readonly refusals: readonly string[];
  readonly current: string | undefined;
  readonly saving: boolean;
}

const CLOSED: Importing = {
  ...{ isOpen: false, checking: undefined, candidates: [], problems: [], refusals: [] },
  ...{ current: undefined, saving: false },
};

export const useImporting = create<Importing>(() => CLOSED);

let turn = 0;

/** Whether a document can be saved. */
export function isUsable({ document }: Pick<Candidate, "document">): boolean {
  return document.config !== null;
}

/** The configurations of a report, named after where they come from; all that are usable are chosen. */
export function candidatesOf(report: ImportReport, fileName: string, fallback: string): readonly Candidate[] {
  return report.documents.map((document, index) => ({
    ...{ key: `${report.digest} ${index}`, digest: report.digest, index, fileName, document },
    name: suggestedName(document.name ?? fileName, suggestedName(fileName, fallback)),
    chosen: isUsable({ document }),
  }));
}

/** Looks at files, in a dialog that is opened for it. `refusals`: what came with them and is no file. */
export async function lookAt(files: readonly GivenFile[], refusals: readonly string[] = []): Promise<void> {
  if (files.length === 0 && refusals.length === 0) return;
  turn += 1;
  const mine = turn;
  const taken = files.slice(0, MOST_FILES);
  const tooMany = files.length > MOST_FILES ? [t("manual.import.tooMany", { count: files.length })] : [];
  useImporting.setState({ ...CLOSED, isOpen: true, refusals: [...tooMany, ...refusals] });
  for (const [place, { name, bytes }] of taken.entries()) {
    useImporting.setState({ checking: { name, done: place + 1, count: taken.length } });
    const outcome = await request("importBytes", { bytes });
    if (turn !== mine) return;
    useImporting.setState(({ candidates, problems, current }) => {
      if (!outcome.ok) {
        const title = t("manual.failed.check", { name });
        return { problems: [...problems, { title, problem: outcome.problem }] };
      }
      const known = new Set(candidates.map(({ digest }) => digest));
      // The same bytes twice are one thing to save.
      const added = known.has(outcome.value.digest)
        ? []
        : candidatesOf(outcome.value, name, t("manual.import.pastedName"));
      return { candidates: [...candidates, ...added], current: current ?? added[0]?.key };
    });
  }
  useImporting.setState({ checking: undefined });
}

/** Closes it; nothing that was not saved is kept. */
export function stopImport(): void {
  turn += 1;
  useImporting.setState(CLOSED);
}

export function showCandidate(key: string): void {
  useImporting.setState({ current: key });
}

export function changeCandidate(key: string, change: Partial<Pick<Candidate, "name" | "chosen">>): void {
  useImporting.setState(({ candidates }) => ({
    candidates: candidates.map((one) => (one.key === key ? { ...one, ...change } : one)),
  }));
}

/** Those that would be saved now. */
export function toBeSaved(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter((one) => one.chosen && isUsable(one) && one.name.trim() !== "");
}

/** Saves what is chosen, file by file. Closes when all of it is saved; else says what is not. */
export async function save(): Promise<void> {
  const wanted = toBeSaved(useImporting.getState().candidates);
  if (wanted.length === 0) return;
  useImporting.setState({ saving: true, problems: [] });
  const saved: { readonly id: string; readonly name: string }[] = [];
  for (const digest of new Set(wanted.map((one) => one.digest))) {
    const ofFile = wanted.filter((one) => one.digest === digest);
    const choices = ofFile.map(({ index, name }) => ({ index, name: name.trim() }));
    const outcome = await request("confirmImport", { digest, choices });
    if (outcome.ok) {
      saved.push(...outcome.value);
      useImporting.setState(({ candidates }) => ({
        candidates: candidates.filter((one) => one.digest !== digest),
      }));
    } else {
      const title = t("manual.failed.save", { name: ofFile.map((one) => one.name).join(", ") });
      useImporting.setState(({ problems }) => ({
        problems: [...problems, { title, problem: outcome.problem }],
      }));
    }
  }
  await refresh();
  if (useImporting.getState().problems.length === 0) stopImport();
  else useImporting.setState(({ candidates }) => ({ saving: false, current: candidates[0]?.key }));
  const [first] = saved;
  if (first === undefined) return;
  select(first.id);
  notify({
    text: t("manual.done.saved", { count: saved.length, name: first.name }),
    undo: async () => {
      for (const { id } of saved) await request("removeProfile", { id });
      await refresh();
    },
  });
}
