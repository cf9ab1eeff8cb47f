import { useId, type ReactNode } from "react";
import styles from "./Switch.module.css";

interface SwitchProps {
  readonly label: string;
  readonly description?: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean;
}

/** A row with a switch at its end: something that is on or off, in force as soon as it is switched. */
export function SwitchRow({ label, description, isSelected, onChange, isDisabled = false }: SwitchProps) {
  const about = useId();
  return (
    <label className={styles.row}>
      <input
        type="checkbox"
        role="switch"
        className={["visually-hidden", styles.input].join(" ")}
        checked={isSelected}
        disabled={isDisabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        // The description stands inside the label, so that all of the row can be pressed; it is no part of the name.
        aria-label={label}
        {...(description === undefined ? {} : { "aria-describedby": about })}
      />
      <span className={styles.words}>
        <span className={styles.label}>{label}</span>
        {description === undefined ? null : (
          <span id={about} className={styles.description}>
            {description}
          </span>
        )}
      </span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.thumb} />
      </span>
    </label>
  );
}
