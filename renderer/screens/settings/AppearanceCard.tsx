import Monitor from "lucide-react/icons/monitor";
import Moon from "lucide-react/icons/moon";
import Sun from "lucide-react/icons/sun";
import { useTranslation } from "../../texts/speech.ts";
import type { Presentation } from "../../../src/bridge/state.ts";
import { Card } from "../../parts/Card.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { SelectField } from "../../parts/SelectField.tsx";
import { useWindow } from "../../state.ts";
import { changePresentation } from "./change.ts";

/** Each language by its own name: who is lost in another one finds it. */
const LANGUAGES = [
  { id: "en", label: "English" },
  { id: "ja", label: "日本語" },
] as const;
const SYMBOLS = { system: Monitor, light: Sun, dark: Moon };

export function AppearanceCard() {
  const { t } = useTranslation();
  const presentation = useWindow(({ bridge }) => bridge?.presentation);
  if (presentation === undefined) return null;
  const change = <K extends "appearance" | "language">(
    name: K,
    value: Presentation[K],
    setting: string,
    words: string,
  ): void =>
    void changePresentation(
      name,
      value,
      presentation[name],
      t("settings.changed.other", { setting, value: words }),
    );
  const languages = [{ id: "system", label: t("settings.appearance.systemLanguage") }, ...LANGUAGES] as const;
  return (
    <Card title={t("settings.appearance.title")}>
      <SegmentedControl
        label={t("settings.appearance.theme")}
        showLabel
        value={presentation.appearance}
        options={(["system", "light", "dark"] as const).map((id) => ({
          id,
          label: t(`settings.appearance.${id}`),
          icon: SYMBOLS[id],
        }))}
        onChange={(value) =>
          change("appearance", value, t("settings.appearance.theme"), t(`settings.appearance.${value}`))
        }
      />
      <SelectField
        label={t("settings.appearance.language")}
        value={presentation.language}
        options={languages}
        onChange={(value) =>
          change(
            "language",
            value,
            t("settings.appearance.language"),
            languages.find(({ id }) => id === value)?.label ?? value,
          )
        }
      />
    </Card>
  );
}
