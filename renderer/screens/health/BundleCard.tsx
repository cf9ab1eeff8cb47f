import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { Hide } from "../../../src/rpc/diagnostics.ts";
import { givenFile } from "../../bridge/browser-requests.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { SelectField } from "../../parts/SelectField.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { notify } from "../../parts/toasts.ts";
import { useRequest } from "../../parts/use-request.ts";
import { useAgentReady } from "../../state.ts";
import { en } from "../../texts/en/index.ts";
import { bundleText } from "./bundle-text.ts";
import styles from "./Health.module.css";

type Known = keyof typeof en.health.bundle.sections;

function isKnown(name: string): name is Known {
  return Object.hasOwn(en.health.bundle.sections, name);
}

/** The diagnostics bundle: what is left out is chosen, all of it is shown, then it is saved. */
export function BundleCard() {
  const { t } = useTranslation();
  const ready = useAgentReady();
  const [hide, setHide] = useState<Hide>("secrets_and_names");
  const [made, setMade] = useState<Hide>();
  const [current, setCurrent] = useState<string>();
  const collected = useRequest("diagnostics");
  const saved = useRequest("saveFile");
  const sections = made === hide ? (collected.value?.sections ?? []) : [];
  const shown = sections.find(({ name }) => name === current) ?? sections[0];
  const nameOf = (name: string): string => (isKnown(name) ? t(`health.bundle.sections.${name}`) : name);
  const preview = async (): Promise<void> => {
    if ((await collected.run({ hide })) !== undefined) setMade(hide);
  };
  const save = async (): Promise<void> => {
    const { bytes } = await givenFile(new File([bundleText(sections)], "diagnostics"));
    const written = await saved.run({ kind: "text", name: "nanami-diagnostics", bytes });
    if (written?.saved === true) notify({ text: t("health.bundle.saved") });
  };
  return (
    <Card title={t("health.bundle.title")} lead={t("health.bundle.lead")}>
      <SegmentedControl
        label={t("health.bundle.hide")}
        showLabel
        value={hide}
        options={[
          { id: "secrets", label: t("health.bundle.secrets") },
          { id: "secrets_and_names", label: t("health.bundle.secrets_and_names") },
        ]}
        onChange={setHide}
      />
      <p className={styles.progress}>{t("health.bundle.hideText")}</p>
      <div className={styles.buttons}>
        <Button
          onPress={() => void preview()}
          isDisabled={!ready}
          pending={collected.running && t("health.bundle.previewing")}
        >
          {t("health.bundle.preview")}
        </Button>
        {collected.running ? <Button onPress={collected.cancel}>{t("parts.cancel")}</Button> : null}
        {shown === undefined ? null : (
          <Button
            look="primary"
            onPress={() => void save()}
            pending={saved.running && t("health.bundle.saving")}
          >
            {t("health.bundle.save")}
          </Button>
        )}
      </div>
      <StatusText>{collected.running ? t("health.bundle.previewing") : ""}</StatusText>
      <ProblemNotice problem={collected.problem ?? saved.problem} title={t("health.bundle.failed")} />
      {shown === undefined ? null : (
        <>
          <SelectField
            label={t("health.bundle.section")}
            value={shown.name}
            options={sections.map(({ name }) => ({ id: name, label: nameOf(name) }))}
            onChange={setCurrent}
          />
          <pre
            className={styles.preview}
            role="region"
            aria-label={t("health.bundle.text", { section: nameOf(shown.name) })}
            tabIndex={0}
          >
            {shown.text}
          </pre>
        </>
      )}
    </Card>
  );
}
