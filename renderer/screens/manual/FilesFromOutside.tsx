import { useEffect, useState } from "react";
import FileUp from "lucide-react/icons/file-up";
import { useTranslation } from "../../texts/speech.ts";
import type { Offer } from "../../../src/bridge/state.ts";
import { Beside } from "../../parts/Beside.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { fetchedWhenWanted } from "../../parts/fetch-anew.ts";
import { notify } from "../../parts/toasts.ts";
import { request, useWindow } from "../../state.ts";
import { givenBy } from "./given-files.ts";
import { lookAt, stopImport, useImporting } from "./importing.ts";
import styles from "./FilesFromOutside.module.css";

const ImportDialog = fetchedWhenWanted(async () => (await import("./ImportDialog.tsx")).ImportDialog);

/**
 * Takes files from wherever they come: dropped anywhere on the window, or offered by another program. Stands once in
 * the window. Nothing is done with them before a person said so.
 */
export function FilesFromOutside() {
  const { t } = useTranslation();
  const isOpen = useImporting((state) => state.isOpen);
  const giveUp = (): void => {
    stopImport();
    notify({ text: t("navigation.broken.title") });
  };
  return (
    <>
      <DropOverlay />
      <OfferedFiles />
      {isOpen ? (
        <Beside onBroken={giveUp}>
          <ImportDialog />
        </Beside>
      ) : null}
    </>
  );
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}

function DropOverlay() {
  const { t } = useTranslation();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      // What is not handled would be opened in place of the window.
      event.preventDefault();
      if (carriesFiles(event)) setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer === null) return;
      void givenBy(event.dataTransfer).then(({ files, refusals }) => lookAt(files, refusals));
    };
    const listeners = { dragenter: over, dragover: over, dragleave: leave, drop } as const;
    for (const [name, listener] of Object.entries(listeners))
      window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name, listener as EventListener);
    };
  }, []);
  if (!isOver) return null;
  return (
    <div className={styles.overlay}>
      <div className={styles.target}>
        <FileUp size={32} />
        <p className={styles.title}>{t("manual.import.drop")}</p>
        <p>{t("manual.import.dropText")}</p>
      </div>
    </div>
  );
}

type FileOffer = Extract<Offer, { kind: "files" }>;

function OfferedFiles() {
  const { t } = useTranslation();
  const offer = useWindow(({ bridge }) =>
    bridge?.offers.find((one): one is FileOffer => one.kind === "files"),
  );
  const importing = useImporting((state) => state.isOpen);
  const { files, id } = offer ?? { files: [], id: "" };
  const dismiss = (): void => void request("dismissOffer", { id });
  return (
    <Dialog
      title={t("manual.import.outsideTitle")}
      isOpen={offer !== undefined && !importing}
      onClose={dismiss}
      actions={
        <>
          <Button onPress={dismiss}>{t("manual.import.notNow")}</Button>
          <Button
            look="primary"
            onPress={() => {
              void lookAt(files);
              dismiss();
            }}
          >
            {t("manual.import.look")}
          </Button>
        </>
      }
    >
      <p>{t("manual.import.outsideText", { count: files.length })}</p>
      <ul className={styles.files}>
        {files.map(({ name }, place) => (
          <li key={`${place} ${name}`}>{name}</li>
        ))}
      </ul>
    </Dialog>
  );
}
