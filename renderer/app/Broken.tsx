import { Component, type ReactNode } from "react";
import { useTranslation } from "../texts/speech.ts";
import { Button } from "../parts/Button.tsx";
import { fetchAnew } from "../parts/fetch-anew.ts";
import { Page } from "../parts/Page.tsx";
import { ProblemCard } from "../parts/ProblemCard.tsx";

/** Keeps a screen that cannot be drawn from taking the window with it. A new `place` is a new attempt. */
export class Broken extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(): void {
    fetchAnew();
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return <BrokenPage onAgain={() => this.setState({ broken: false })} />;
  }
}

function BrokenPage({ onAgain }: { readonly onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <Page title={t("navigation.broken.title")}>
      <ProblemCard
        tone="warn"
        title={t("navigation.broken.title")}
        actions={<Button onPress={onAgain}>{t("navigation.broken.again")}</Button>}
      >
        <p>{t("navigation.broken.text")}</p>
      </ProblemCard>
    </Page>
  );
}
