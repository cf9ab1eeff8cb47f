import type { ReactNode } from "react";
import { SwitchButton, SwitchField, Text } from "react-aria-components/Switch";
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
  return (
    <SwitchField
      className={styles.field ?? ""}
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      // The description stands inside the label, so that all of the row can be pressed; it is no part of the name.
      aria-label={label}
    >
      <SwitchButton className={styles.row ?? ""}>
        <span className={styles.words}>
          <span className={styles.label}>{label}</span>
          {description === undefined ? null : (
            <Text slot="description" className={styles.description ?? ""}>
              {description}
            </Text>
          )}
        </span>
        <span className={styles.track} aria-hidden="true">
          <span className={styles.thumb} />
        </span>
      </SwitchButton>
    </SwitchField>
  );
}
