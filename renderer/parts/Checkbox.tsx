import { CheckboxButton, CheckboxField } from "react-aria-components/Checkbox";
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
    <CheckboxField
      className={styles.field ?? ""}
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      aria-label={label}
    >
      <CheckboxButton className={styles.row ?? ""}>
        <span className={styles.box} aria-hidden="true">
          {isSelected ? <Check size={16} /> : null}
        </span>
        {showLabel ? <span>{label}</span> : null}
      </CheckboxButton>
    </CheckboxField>
  );
}
