import { useTranslation } from "../../texts/speech.ts";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { SelectField } from "../../parts/SelectField.tsx";
import type { GatewayRow } from "../../gateway-row.ts";
import { placeName } from "../../texts/place-name.ts";
import { verdictWords } from "../path/verdict.ts";
import type { NameOf } from "../path/names.ts";
import { pinProblem, type Draft } from "./draft.ts";
import { pinProblemWords } from "./words.ts";
import styles from "./Preferences.module.css";

/** The select's value for "left to the platform": ids of devices are never empty. */
const AUTOMATIC = "automatic";

interface PreferenceFieldsProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly gateways: readonly GatewayRow[];
  readonly nameOf: NameOf;
  /** What the control plane said against a pin. */
  readonly refused?: { readonly ingress: string | undefined; readonly egress: string | undefined };
  readonly isDisabled?: boolean;
}

/** The choices of one layer. A pin that is not allowed says which rule it breaks as soon as it is chosen. */
export function PreferenceFields({
  draft,
  onChange,
  gateways,
  nameOf,
  refused,
  isDisabled = false,
}: PreferenceFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <SegmentedControl
        label={t("preferences.mode")}
        showLabel
        value={draft.mode}
        isDisabled={isDisabled}
        options={(["inherit", "vpn_only", "full_tunnel"] as const).map((id) => ({
          id,
          label: t(`preferences.modes.${id}`),
        }))}
        onChange={(mode) => onChange({ ...draft, mode })}
      />
      <SegmentedControl
        label={t("preferences.gateways")}
        showLabel
        value={draft.gateways}
        isDisabled={isDisabled}
        options={(["inherit", "auto", "manual"] as const).map((id) => ({
          id,
          label: t(`preferences.gatewayModes.${id}`),
        }))}
        onChange={(way) => onChange({ ...draft, gateways: way })}
      />
      {draft.gateways === "manual" ? (
        <div className={styles.pins}>
          {(["ingress", "egress"] as const).map((end) => (
            <PinField
              key={end}
              end={end}
              value={draft[end]}
              gateways={gateways}
              nameOf={nameOf}
              refused={refused?.[end]}
              isDisabled={isDisabled}
              onChange={(id) => onChange({ ...draft, [end]: id })}
            />
          ))}
          {draft.ingress === null && draft.egress === null ? (
            <p className={styles.hint}>{t("preferences.bothAutomatic")}</p>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

interface PinFieldProps {
  readonly end: "ingress" | "egress";
  readonly value: string | null;
  readonly gateways: readonly GatewayRow[];
  readonly nameOf: NameOf;
  readonly refused: string | undefined;
  readonly isDisabled: boolean;
  readonly onChange: (deviceId: string | null) => void;
}

function PinField({ end, value, gateways, nameOf, refused, isDisabled, onChange }: PinFieldProps) {
  const { t } = useTranslation();
  const known = gateways.some(({ deviceId }) => deviceId === value);
  const problem = pinProblem(value, end, gateways);
  const row = gateways.find(({ deviceId }) => deviceId === value);
  const name = value === null ? "" : nameOf(value);
  const error = problem === undefined ? refused : pinProblemWords(problem, name, end, t);
  const waits = error === undefined && row?.healthy === false;
  return (
    <SelectField
      label={t(`preferences.${end}`)}
      value={value ?? AUTOMATIC}
      isDisabled={isDisabled}
      error={error}
      {...(waits ? { description: t("preferences.unhealthyNow", { name }) } : {})}
      options={[
        { id: AUTOMATIC, label: t("preferences.automatic") },
        ...gateways.map((gateway) => ({
          id: gateway.deviceId,
          label: placeName(gateway),
          detail: verdictWords(gateway, end, t),
        })),
        ...(value === null || known ? [] : [{ id: value, label: name }]),
      ]}
      onChange={(id) => onChange(id === AUTOMATIC ? null : id)}
    />
  );
}
