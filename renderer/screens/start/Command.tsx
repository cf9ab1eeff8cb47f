import { Fragment } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { CopyButton } from "../../parts/CopyButton.tsx";
import styles from "./start.module.css";

/** What a person types in a terminal, to be copied. */
export function Command({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.command} role="group" aria-label={t("start.agent.command")}>
      {/* A line ends between two words, and not within an option. */}
      <code>
        {text.split(" ").map((word, at) => (
          <Fragment key={at}>
            {at === 0 ? "" : " "}
            <span className={styles.word}>{word}</span>
          </Fragment>
        ))}
      </code>
      <CopyButton text={text} />
    </div>
  );
}
