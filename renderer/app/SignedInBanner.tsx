import { useState } from "react";
import { useTranslation } from "../texts/speech.ts";
import type { BridgeProblem } from "../../src/bridge/contract.ts";
import { Button } from "../parts/Button.tsx";
import { ProblemCard } from "../parts/ProblemCard.tsx";
import { problemWords } from "../texts/problem-words.ts";
import { reconnect } from "../screens/home/act.ts";
import { useWindow } from "../state.ts";
import styles from "./App.module.css";

/** Over every screen but Home, which offers it itself: the way back for who disconnected to sign in. */
export function SignedInBanner() {
  const offered = useWindow(
    ({ bridge, screen }) =>
      bridge?.signingIn?.done === true && bridge.agent.state === "ready" && screen !== "home",
  );
  return offered ? <WayBack /> : null;
}

/** Offered anew, it knows nothing of a former refusal. */
function WayBack() {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<BridgeProblem>();
  return (
    <div className={styles.banner}>
      <ProblemCard
        tone="warn"
        announce
        title={t("home.cards.signedInTitle")}
        actions={
          <Button look="primary" onPress={() => void reconnect().then(setProblem)}>
            {t("home.cards.connectAgain")}
          </Button>
        }
      >
        <p>{problem === undefined ? t("home.cards.signedIn") : problemWords(problem, t).message}</p>
      </ProblemCard>
    </div>
  );
}
