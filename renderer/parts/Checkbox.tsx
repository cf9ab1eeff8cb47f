import Check from "lucide-react/icons/check";
import styles from "./Checkbox.module.css";

interface CheckboxProps {
  readonly label: string;
  /** Whether the label is seen; a screen reader has it in any case. */
  readonly showLabel?: boolean;
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean;
}

/** One of several things that are taken or left. */
export function Checkbox({
  label,
  showLabel = true,
  isSelected,
  onChange,
  isDisabled = false,
}: CheckboxProps) {
  return (
    <label className={styles.row}>
      <input
        type="checkbox"
        className={["visually-hidden", styles.input].join(" ")}
        checked={isSelected}
        disabled={isDisabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        {...(showLabel ? {} : { "aria-label": label })}
      />
      <span className={styles.box} aria-hidden="true">
        {isSelected ? <Check size={16} /> : null}
      </span>
      {showLabel ? <span>{label}</span> : null}
    </label>
  );
}
