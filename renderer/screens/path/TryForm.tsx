import { useEffect, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { RequestResult } from "../../../src/bridge/contract.ts";
import type { GatewayRow } from "../../gateway-row.ts";
import type { StoredLayer } from "../../preference.ts";
import { Button } from "../../parts/Button.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { useRequest } from "../../parts/use-request.ts";
import {
  draftOf,
  pinProblem,
  preferenceOf,
  previewedProblem,
  samePreference,
  type Draft,
} from "../preferences/draft.ts";
import { PreferenceFields } from "../preferences/PreferenceFields.tsx";
import { useSaving } from "../preferences/use-saving.ts";
import { pinProblemWords, refusedPin, saidAtPins } from "../preferences/words.ts";
import type { NameOf } from "./names.ts";
import { Preview } from "./Preview.tsx";
import styles from "./TryForm.module.css";

/** How long a choice rests before the control plane is asked, milliseconds. */
const REST_MS = 200;

interface TryFormProps {
  readonly layers: readonly StoredLayer[];
  readonly gateways: readonly GatewayRow[];
  readonly nameOf: NameOf;
  readonly onClose: () => void;
}

/** Choices that change nothing until they are applied; beside them what they would make. */
export function TryForm({ layers, gateways, nameOf, onClose }: TryFormProps) {
  const { t } = useTranslation();
  const [layer, setLayer] = useState<"device" | "user">("device");
  const stored = layers.find((one) => one.layer === layer);
  const [draft, setDraft] = useState<Draft>(() => draftOf(stored?.value ?? {}));
  const { run: preview, problem } = useRequest("previewPath");
  const [shown, setShown] = useState<{
    readonly key: string;
    readonly value: RequestResult<"previewPath">;
  }>();
  const saving = useSaving(layer);
  const wanted = preferenceOf(draft);
  const changed = wanted !== undefined && !samePreference(wanted, stored?.value ?? {});
  const key = changed ? JSON.stringify([layer, wanted]) : undefined;
  const previewed = shown !== undefined && shown.key === key ? shown.value : undefined;
  const ruleBroken = (end: "ingress" | "egress") =>
    pinProblem(draft[end], end, gateways) ??
    (previewed === undefined ? undefined : previewedProblem(draft[end], end, previewed.proposed));
  const broken = draft.gateways === "manual" && (ruleBroken("ingress") ?? ruleBroken("egress")) !== undefined;
  const refusal = (end: "ingress" | "egress"): string | undefined => {
    const pin = draft[end];
    if (pin === null) return undefined;
    const rule = ruleBroken(end);
    return rule === undefined
      ? refusedPin(saving.problem, end, nameOf(pin), t)
      : pinProblemWords(rule, nameOf(pin), end, t);
  };

  useEffect(() => {
    if (key === undefined) return;
    const timer = setTimeout(() => {
      const [name, preference] = JSON.parse(key) as ["device" | "user", NonNullable<typeof wanted>];
      void preview({ layers: { [name]: preference } }).then((value) => {
        if (value !== undefined) setShown({ key, value });
      });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [key, preview]);

  const apply = async (): Promise<void> => {
    if (wanted === undefined || stored === undefined) return;
    if (await saving.save(wanted, stored, t("path.try.applied"))) onClose();
  };

  return (
    <div className={styles.form}>
      <SegmentedControl
        label={t("path.try.layer")}
        showLabel
        value={layer}
        options={layers.flatMap(({ layer: id }) =>
          id === "network" ? [] : [{ id, label: t(`preferences.${id}`) }],
        )}
        onChange={(next) => {
          setLayer(next);
          setDraft(draftOf(layers.find((one) => one.layer === next)?.value ?? {}));
        }}
      />
      <PreferenceFields
        draft={draft}
        gateways={gateways}
        nameOf={nameOf}
        isDisabled={saving.saving}
        refused={{ ingress: refusal("ingress"), egress: refusal("egress") }}
        onChange={(next) => {
          saving.dismiss();
          setDraft(next);
        }}
      />
      <ProblemNotice problem={problem} title={t("path.try.problem")} />
      <div role="status">
        {changed && previewed === undefined && problem === undefined ? (
          <p className={styles.quiet}>{t("path.try.previewing")}</p>
        ) : null}
        {changed && previewed !== undefined ? <Preview {...previewed} nameOf={nameOf} /> : null}
        {changed ? null : <p className={styles.quiet}>{t("path.try.notNow")}</p>}
      </div>
      <ProblemNotice
        problem={saidAtPins(saving.problem, draft) ? undefined : saving.problem}
        title={t("path.try.notApplied")}
      />
      <div className={styles.actions}>
        <Button onPress={onClose}>{t("path.try.discard")}</Button>
        <Button
          look="primary"
          isDisabled={!changed || broken}
          pending={saving.saving ? t("path.try.applying") : false}
          onPress={() => void apply()}
        >
          {t("path.try.apply")}
        </Button>
      </div>
    </div>
  );
}
