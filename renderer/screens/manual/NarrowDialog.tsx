import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { TextArea } from "../../parts/TextField.tsx";
import { firstFew } from "./first-few.ts";
import { dismissProblem, narrow, useLibrary } from "./library.ts";
import { askedOf } from "./report.ts";

interface NarrowDialogProps {
  readonly profile: Profile;
  readonly onClose: () => void;
}

/** Steers less than the file asks for. */
export function NarrowDialog({ profile, onClose }: NarrowDialogProps) {
  const { t } = useTranslation();
  const { name, steers, config } = profile;
  const [text, setText] = useState(steers.prefixes.join("\n"));
  const problem = useLibrary((library) => library.problem);
  const prefixes = text.split(/[\s,]+/).filter((prefix) => prefix !== "");
  const close = (): void => {
    dismissProblem();
    onClose();
  };
  const apply = async (wanted: readonly string[] | null): Promise<void> => {
    if (await narrow(profile, wanted)) onClose();
  };
  return (
    <Dialog
      title={t("manual.narrowing.title", { name })}
      isOpen
      onClose={close}
      actions={
        <>
          <Button onPress={close}>{t("parts.cancel")}</Button>
          {steers.narrowed ? (
            <Button onPress={() => void apply(null)}>{t("manual.narrowing.all")}</Button>
          ) : null}
          <Button look="primary" onPress={() => void apply(prefixes)} isDisabled={prefixes.length === 0}>
            {t("manual.narrowing.save")}
          </Button>
        </>
      }
    >
      <p>{t("manual.narrowing.text")}</p>
      <TextArea
        label={t("manual.narrowing.label")}
        description={t("manual.narrowing.description", { prefixes: firstFew(askedOf(config).prefixes, 6) })}
        value={text}
        onChange={setText}
        mono
        autoFocus
        error={prefixes.length === 0 ? t("manual.narrowing.needed") : undefined}
      />
      <ProblemNotice
        problem={problem?.problem}
        {...(problem === undefined ? {} : { title: problem.title })}
      />
    </Dialog>
  );
}
