import { useId } from "react";
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

/** One of two, three or four, all seen at once: a radio group, with the browser's own keys. */
export function SegmentedControl<Value extends string>({
  label,
  showLabel = false,
  value,
  options,
  onChange,
  isDisabled = false,
}: SegmentedControlProps<Value>) {
  const name = useId();
  return (
    <div
      className={styles.group}
      role="radiogroup"
      aria-disabled={isDisabled || undefined}
      {...(showLabel ? { "aria-labelledby": name } : { "aria-label": label })}
    >
      {showLabel ? (
        <span id={name} className={styles.label}>
          {label}
        </span>
      ) : null}
      <div className={[styles.track, options.length > 2 ? styles.many : ""].join(" ")}>
        {options.map(({ id, label: words, icon: Symbol }) => (
          <label key={id} className={styles.segment}>
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              value={id}
              checked={id === value}
              disabled={isDisabled}
              onChange={() => onChange(id)}
            />
            {Symbol === undefined ? null : <Symbol size={16} />}
            <span>{words}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
