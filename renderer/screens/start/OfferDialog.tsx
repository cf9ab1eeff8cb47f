import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import { request, useWindow } from "../../state.ts";
import { problemWords } from "../../texts/problem-words.ts";
import { EnrollQuestion } from "./EnrollQuestion.tsx";

/** What came from outside and waits for a person: shown one at a time, never acted on by itself. */
export function OfferDialog() {
  const { t } = useTranslation();
  const offer = useWindow(({ bridge }) => bridge?.offers.find(({ kind }) => kind !== "files"));
  if (offer === undefined || offer.kind === "files") return null;
  const close = (): void => void request("dismissOffer", { id: offer.id });
  if (offer.kind === "refused")
    return (
      <Dialog
        key={offer.id}
        title={t("start.offer.refusedTitle")}
        isOpen
        onClose={close}
        actions={
          <Button look="primary" onPress={close} autoFocus>
            {t("start.offer.close")}
          </Button>
        }
      >
        {offer.problem === undefined ? <p>{offer.message}</p> : <Refusal problem={offer.problem} />}
      </Dialog>
    );
  return (
    <Dialog key={offer.id} title={t("start.offer.title")} isOpen onClose={close}>
      <p>{t("start.join.asks", { host: offer.facts.controlPlane })}</p>
      <EnrollQuestion
        link={offer.link}
        facts={offer.facts}
        refuse={t("start.offer.notNow")}
        onRefuse={close}
        onDone={close}
      />
    </Dialog>
  );
}

function Refusal({ problem }: { readonly problem: BridgeProblem }) {
  const { t } = useTranslation();
  const { message, remedy } = problemWords(problem, t);
  return (
    <>
      <p>{message}</p>
      {remedy === undefined ? null : <p>{remedy}</p>}
    </>
  );
}
