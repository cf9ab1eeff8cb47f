import { useRef, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { Preference } from "../../preference.ts";
import type { GatewayRow } from "../../gateway-row.ts";
import type { StoredLayer } from "../../preference.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useAgentReady } from "../../state.ts";
import type { NameOf } from "../path/names.ts";
import { Conflict } from "./Conflict.tsx";
import { draftOf, pinProblem, preferenceOf, samePreference } from "./draft.ts";
import { PreferenceFields } from "./PreferenceFields.tsx";
import { useSaving } from "./use-saving.ts";
import { refusedPin, saidAtPins } from "./words.ts";
import styles from "./Preferences.module.css";

interface LayerEditorProps {
  readonly layer: "device" | "user";
  readonly stored: StoredLayer;
  readonly gateways: readonly GatewayRow[];
  readonly nameOf: NameOf;
}

/** One layer that this person may write. */
export function LayerEditor({ layer, stored, gateways, nameOf }: LayerEditorProps) {
  const { t } = useTranslation();
  const ready = useAgentReady();
  /** What is being edited, and the stored value that it began with; undefined = the stored value is shown. */
  const [edit, setEdit] = useState<{
    readonly draft: ReturnType<typeof draftOf>;
    readonly base: StoredLayer;
  }>();
  const { save, saving, problem, dismiss } = useSaving(layer);
  const end = useRef<HTMLDivElement>(null);
  const draft = edit?.draft ?? draftOf(stored.value);
  const wanted = preferenceOf(draft);
  const dirty = edit !== undefined && !samePreference(wanted, stored.value);
  const overtaken = dirty && (!samePreference(edit.base.value, stored.value) || problem?.code === "conflict");
  const broken =
    draft.gateways === "manual" &&
    (pinProblem(draft.ingress, "ingress", gateways) ?? pinProblem(draft.egress, "egress", gateways)) !==
      undefined;
  const refusal = (side: "ingress" | "egress"): string | undefined => {
    const pin = draft[side];
    return pin === null ? undefined : refusedPin(problem, side, nameOf(pin), t);
  };
  const set = Object.keys(stored.value).length > 0;

  const store = async (value: Preference, over: StoredLayer, done: string): Promise<void> => {
    const saved = await save(value, over, done);
    if (!saved) return;
    setEdit(undefined);
    // The button that was pressed is gone.
    end.current?.focus();
  };

  return (
    <Card title={t(`preferences.${layer}`)} lead={t(`preferences.${layer}Lead`)}>
      <PreferenceFields
        draft={draft}
        gateways={gateways}
        nameOf={nameOf}
        isDisabled={!ready || saving}
        refused={{
          ingress: refusal("ingress"),
          egress: refusal("egress"),
        }}
        onChange={(next) => {
          dismiss();
          setEdit({ draft: next, base: edit?.base ?? stored });
        }}
      />
      {overtaken && wanted !== undefined ? (
        <Conflict
          stored={stored.value}
          yours={wanted}
          nameOf={nameOf}
          onTakeStored={() => {
            dismiss();
            setEdit(undefined);
          }}
          onKeepYours={() => void store(wanted, stored, t("preferences.saved"))}
        />
      ) : null}
      {problem?.reason === "not_allowed" ? (
        <ProblemCard tone="info" announce title={t("preferences.operatorTitle")}>
          <p>{t("preferences.operatorText")}</p>
        </ProblemCard>
      ) : problem !== undefined && problem.code !== "conflict" && !saidAtPins(problem, draft) ? (
        <ProblemNotice problem={problem} title={t("preferences.notSaved")} />
      ) : null}
      {overtaken ? null : (
        <div className={styles.actions} ref={end} tabIndex={-1}>
          {set && !dirty ? (
            <Button
              onPress={() =>
                void store(
                  {},
                  stored,
                  t(layer === "device" ? "preferences.cleared" : "preferences.clearedUser"),
                )
              }
              isDisabled={!ready}
              pending={saving ? t("preferences.saving") : false}
            >
              {t(layer === "device" ? "preferences.useDefault" : "preferences.clear")}
            </Button>
          ) : null}
          {dirty ? (
            <>
              <Button
                onPress={() => {
                  dismiss();
                  setEdit(undefined);
                }}
              >
                {t("preferences.discard")}
              </Button>
              <Button
                look="primary"
                isDisabled={!ready || broken || wanted === undefined}
                pending={saving ? t("preferences.saving") : false}
                onPress={() => {
                  if (wanted !== undefined) void store(wanted, edit.base, t("preferences.saved"));
                }}
              >
                {t("preferences.save")}
              </Button>
            </>
          ) : (
            <p className={styles.unchanged}>{t(set ? "preferences.unchanged" : "preferences.nothingSet")}</p>
          )}
        </div>
      )}
    </Card>
  );
}
