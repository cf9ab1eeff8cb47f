import type { ReactNode } from "react";
import { pressOnce } from "./held-key.ts";
import type { Icon } from "./icon.ts";
import styles from "./Button.module.css";

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  /** `plain` where nothing is said. `quiet` has no border: for what stands in a row of many. */
  readonly look?: "primary" | "plain" | "danger" | "quiet";
  readonly icon?: Icon;
  /** While what it started is under way; it keeps the focus and says these words in place of its own. */
  readonly pending?: string | false;
  readonly isDisabled?: boolean;
  readonly type?: "button" | "submit";
  readonly autoFocus?: boolean;
  /** Takes the whole width. */
  readonly wide?: boolean;
  /** Where the words alone would not tell it from its neighbours; begins with the words. */
  readonly label?: string;
}

/** Something that is done at once when it is pressed. */
export function Button({
  children,
  onPress = () => undefined,
  look = "plain",
  icon: Symbol,
  pending = false,
  isDisabled = false,
  type = "button",
  autoFocus = false,
  wide = false,
  label,
}: ButtonProps) {
  return (
    <button
      className={[
        styles.button,
        styles[look],
        wide ? styles.wide : "",
        pending === false ? "" : styles.pending,
      ].join(" ")}
      // Not disabled while it is pending: it would lose the focus.
      onClick={pending === false ? () => onPress() : undefined}
      onKeyDown={pressOnce}
      aria-disabled={pending !== false || undefined}
      disabled={isDisabled}
      type={pending === false ? type : "button"}
      autoFocus={autoFocus}
      {...(label === undefined || pending !== false ? {} : { "aria-label": label })}
    >
      {Symbol === undefined ? null : <Symbol size={18} />}
      <span>{pending === false ? children : pending}</span>
    </button>
  );
}
