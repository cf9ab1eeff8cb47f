import { Label, RadioButton, RadioField, RadioGroup } from "react-aria-components/RadioGroup";
import type { Icon } from "./icon.ts";
import styles from "./SegmentedControl.module.css";

interface SegmentedControlProps<Value extends string> {
  readonly label: string;
  /** Whether the label is seen; a screen reader has it in any case. */
  readonly showLabel?: boolean;
  /** null: none of them is in force. */
  readonly value: Value | null;
  readonly options: readonly { readonly id: Value; readonly label: string; readonly icon?: Icon }[];
  readonly onChange: (value: Value) => void;
  readonly isDisabled?: boolean;
}

/** One of two, three or four, all seen at once: a radio group. */
export function SegmentedControl<Value extends string>({
  label,
  showLabel = false,
  value,
  options,
  onChange,
  isDisabled = false,
}: SegmentedControlProps<Value>) {
  return (
    <RadioGroup
      className={styles.group ?? ""}
      orientation="horizontal"
      value={value}
      onChange={(id) => onChange(id as Value)}
      isDisabled={isDisabled}
      {...(showLabel ? {} : { "aria-label": label })}
    >
      {showLabel ? <Label className={styles.label ?? ""}>{label}</Label> : null}
      <div className={[styles.track, options.length > 2 ? styles.many : ""].join(" ")}>
        {options.map(({ id, label: words, icon: Symbol }) => (
          <RadioField key={id} value={id} className={styles.field ?? ""}>
            <RadioButton className={styles.segment ?? ""}>
              {Symbol === undefined ? null : <Symbol size={16} />}
              <span>{words}</span>
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}
