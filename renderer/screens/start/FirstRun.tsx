import type { ReactNode } from "react";
import { useTranslation } from "../../texts/speech.ts";
import FilePlus2 from "lucide-react/icons/file-plus-2";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { Page } from "../../parts/Page.tsx";
import { goTo } from "../../state.ts";
import { JoinNetwork } from "./JoinNetwork.tsx";

/** The first screen of a device that belongs nowhere yet: two ways to begin. */
export function FirstRun({ notices }: { readonly notices: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Page title={t("start.welcome")} lead={t("start.welcomeLead")}>
      {notices}
      <JoinNetwork />
      <Card title={t("start.manual.title")} lead={t("start.manual.lead")}>
        <div>
          <Button icon={FilePlus2} onPress={() => goTo("manual")}>
            {t("start.manual.open")}
          </Button>
        </div>
      </Card>
    </Page>
  );
}
