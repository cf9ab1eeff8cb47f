import { useTranslation } from "../../texts/speech.ts";
import { CopyButton } from "../../parts/CopyButton.tsx";
import styles from "./start.module.css";

/** What a person types in a terminal, to be copied. */
export function Command({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.command} role="group" aria-label={t("start.agent.command")}>
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}
