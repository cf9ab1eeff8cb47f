import { Button as AriaButton } from "react-aria-components/Button";
import type { Icon } from "./icon.ts";
import styles from "./IconButton.module.css";

interface IconButtonProps {
  /** What it does; also shown when the pointer rests on it. */
  readonly label: string;
  readonly icon: Icon;
  readonly onPress?: () => void;
  readonly isDisabled?: boolean;
}

/** A button that is only an icon, for what everybody knows by it: close, copy, more. */
export function IconButton({ label, icon: Symbol, onPress, isDisabled = false }: IconButtonProps) {
  return (
    <AriaButton
      className={styles.button ?? ""}
      aria-label={label}
      isDisabled={isDisabled}
      // Without a handler of its own it is a trigger: what surrounds it gives one.
      {...(onPress === undefined ? {} : { onPress })}
    >
      <span className={styles.hint} title={label}>
        <Symbol size={18} />
      </span>
    </AriaButton>
  );
}
