import { useTranslation } from "react-i18next";
import Power from "lucide-react/icons/power";
import { SwitchButton, SwitchField } from "react-aria-components/Switch";
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
    <SwitchField
      className={styles.field ?? ""}
      isSelected={isOn}
      isDisabled={isDisabled}
      onChange={onChange}
      aria-label={t("home.switch")}
    >
      <SwitchButton className={[styles.button, doing === null ? "" : styles.busy].join(" ")}>
        <span className={styles.track}>
          <span className={styles.thumb}>
            <Power size={20} strokeWidth={2.5} />
          </span>
        </span>
        <span className={styles.word} aria-hidden="true">
          {t(isOn ? "home.switchOn" : "home.switchOff")}
        </span>
      </SwitchButton>
    </SwitchField>
  );
}
