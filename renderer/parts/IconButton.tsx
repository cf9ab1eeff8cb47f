import { pressOnce } from "./held-key.ts";
import type { Icon } from "./icon.ts";
import styles from "./IconButton.module.css";

interface IconButtonProps {
  /** What it does; also shown when the pointer rests on it. */
  readonly label: string;
  readonly icon: Icon;
  readonly onPress: () => void;
  readonly isDisabled?: boolean;
}

/** A button that is only an icon, for what everybody knows by it: close, copy, more. */
export function IconButton({ label, icon: Symbol, onPress, isDisabled = false }: IconButtonProps) {
  return (
    <button
      type="button"
      className={styles.button}
      aria-label={label}
      disabled={isDisabled}
      onKeyDown={pressOnce}
      onClick={() => onPress()}
    >
      <span className={styles.hint} title={label}>
        <Symbol size={18} />
      </span>
    </button>
  );
}
