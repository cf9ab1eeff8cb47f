import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { useWindow, type Standing } from "../../state.ts";
import { problemCards, type CardAction } from "./problem-cards.ts";
import { useRemembered } from "./remembered.ts";

interface HomeCardsProps {
  readonly snapshot: Standing;
  readonly onAction: (action: CardAction) => void;
}

/** The one thing that a person should know or decide now. What comes after it waits its turn. */
export function HomeCards({ snapshot, onAction }: HomeCardsProps) {
  const { t } = useTranslation();
  const remembered = useRemembered();
  const signingIn = useWindow(({ bridge }) => bridge?.signingIn ?? null);
  const [card] = problemCards(snapshot, { ...remembered, signingIn }, t);
  if (card === undefined) return null;
  return (
    <ProblemCard
      key={card.id}
      tone={card.tone}
      announce
      title={card.title}
      {...(card.actions.length === 0
        ? {}
        : {
            actions: card.actions.map(({ id, label }, at) => (
              <Button key={id} look={at === 0 ? "primary" : "plain"} onPress={() => onAction(id)}>
                {label}
              </Button>
            )),
          })}
    >
      {card.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </ProblemCard>
  );
}
