import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { notify } from "../../parts/toasts.ts";
import { useRequest } from "../../parts/use-request.ts";
import styles from "./ExportDialog.module.css";

const KIND = { conf: "conf", zip: "zip", qr: "png" } as const;
type Format = keyof typeof KIND;

interface ExportDialogProps {
  readonly profile: Profile;
  readonly onClose: () => void;
}

/** Lets a configuration out, its keys included: the one act that does, so it says so. */
export function ExportDialog({ profile: { id, name }, onClose }: ExportDialogProps) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<Format>("conf");
  const [image, setImage] = useState<string>();
  const exported = useRequest("exportProfiles");
  const saved = useRequest("saveFile");
  const choose = (next: Format): void => {
    setImage(undefined);
    setFormat(next);
  };
  const save = async (): Promise<void> => {
    const made = await exported.run({ ids: [id], format });
    if (made === undefined) return;
    const written = await saved.run({ kind: KIND[format], name: name.slice(0, 64), bytes: made.bytes });
    if (written?.saved !== true) return;
    notify({ text: t("manual.done.exported") });
    onClose();
  };
  const show = async (): Promise<void> => {
    const made = await exported.run({ ids: [id], format: "qr" });
    if (made !== undefined) setImage(`data:image/png;base64,${made.bytes}`);
  };
  return (
    <Dialog
      title={t("manual.exporting.title", { name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t("parts.cancel")}</Button>
          <Button
            look="primary"
            onPress={() => void save()}
            pending={(exported.running || saved.running) && t("manual.exporting.saving")}
          >
            {t("manual.exporting.save")}
          </Button>
        </>
      }
    >
      <ProblemCard tone="warn" title={t("manual.exporting.warning")}>
        <p>{t("manual.exporting.warningText")}</p>
      </ProblemCard>
      <SegmentedControl
        label={t("manual.exporting.format")}
        showLabel
        value={format}
        options={(["conf", "zip", "qr"] as const).map((one) => ({
          id: one,
          label: t(`manual.exporting.${one}`),
        }))}
        onChange={choose}
      />
      {format === "qr" ? (
        <div className={styles.code}>
          {image === undefined ? null : (
            <img src={image} alt={t("manual.exporting.qrAlt", { name })} className={styles.image} />
          )}
          <Button onPress={() => (image === undefined ? void show() : setImage(undefined))}>
            {t(image === undefined ? "manual.exporting.showQr" : "manual.exporting.hideQr")}
          </Button>
        </div>
      ) : null}
      <ProblemNotice problem={exported.problem ?? saved.problem} title={t("manual.failed.export")} />
    </Dialog>
  );
}
