import { useTranslation } from "../../texts/speech.ts";
import Power from "lucide-react/icons/power";
import styles from "./ConnectSwitch.module.css";

interface ConnectSwitchProps {
  readonly isOn: boolean;
  /** What it is doing right now, in words; null = it is what it shows. */
  readonly doing: string | null;
  readonly isDisabled: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** The one large switch: connected or not. */
export function ConnectSwitch({ isOn, doing, isDisabled, onChange }: ConnectSwitchProps) {
  const { t } = useTranslation();
  return (
    <label className={[styles.button, doing === null ? "" : styles.busy].join(" ")}>
      <input
        type="checkbox"
        role="switch"
        className={["visually-hidden", styles.input].join(" ")}
        checked={isOn}
        disabled={isDisabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        aria-label={t("home.switch")}
      />
      <span className={styles.track}>
        <span className={styles.thumb}>
          <Power size={20} strokeWidth={2.5} />
        </span>
      </span>
      <span className={styles.word} aria-hidden="true">
        {t(isOn ? "home.switchOn" : "home.switchOff")}
      </span>
    </label>
  );
}
