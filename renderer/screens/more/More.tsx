import { useTranslation } from "../../texts/speech.ts";
import Activity from "lucide-react/icons/activity";
import Settings from "lucide-react/icons/settings";
import { Card } from "../../parts/Card.tsx";
import { Page } from "../../parts/Page.tsx";
import { Row, RowList } from "../../parts/RowList.tsx";
import { goTo } from "../../state.ts";

/** What has no place of its own in a narrow window. */
export function More() {
  const { t } = useTranslation();
  return (
    <Page title={t("navigation.more")}>
      <Card flush>
        <RowList label={t("navigation.more")}>
          <Row
            title={t("navigation.health")}
            detail={t("navigation.about.health")}
            leading={<Activity size={20} />}
            onPress={() => goTo("health")}
          />
          <Row
            title={t("navigation.settings")}
            detail={t("navigation.about.settings")}
            leading={<Settings size={20} />}
            onPress={() => goTo("settings")}
          />
        </RowList>
      </Card>
    </Page>
  );
}
