import { useEffect, useState } from "react";
import ArrowLeft from "lucide-react/icons/arrow-left";
import ClipboardPaste from "lucide-react/icons/clipboard-paste";
import FileUp from "lucide-react/icons/file-up";
import { useTranslation } from "../../texts/speech.ts";
import { useWiderThan } from "../../app/use-width.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { Row, RowList } from "../../parts/RowList.tsx";
import { request, useAgentReady, useSnapshot, useWindow } from "../../state.ts";
import { lookAt } from "./importing.ts";
import { dismissProblem, refresh, restore, select, useLibrary } from "./library.ts";
import { PasteDialog } from "./PasteDialog.tsx";
import { ProfileDetail } from "./ProfileDetail.tsx";
import { ProfileList } from "./ProfileList.tsx";
import styles from "./Manual.module.css";

/** Pixels from which the list and the details stand beside each other. */
const BOTH_FROM = 960;

/** Manual configurations: WireGuard files from anywhere, each checked before it is saved. */
export function Manual() {
  const { t } = useTranslation();
  const { profiles, removed, problem, selected } = useLibrary();
  const [pasting, setPasting] = useState(false);
  const ready = useAgentReady();
  const wide = useWiderThan(BOTH_FROM);
  // Connecting one, or changing one elsewhere, shows in the state.
  const active = useSnapshot(({ profile }) => profile?.id ?? null);
  useEffect(() => {
    if (ready) void refresh();
  }, [ready, active]);

  const current = profiles?.find(({ id }) => id === selected) ?? (wide ? profiles?.[0] : undefined);
  const choose = async (): Promise<void> => {
    const chosen = await request("chooseFiles", {});
    if (chosen.ok) await lookAt(chosen.value);
    else
      useLibrary.setState({ problem: { title: t("manual.import.refusedTitle"), problem: chosen.problem } });
  };
  const alone = !wide && current !== undefined;
  return (
    <Page
      title={alone ? current.name : t("manual.title")}
      lead={alone ? undefined : t("manual.lead")}
      wide
      above={
        alone ? (
          <div>
            <Button look="quiet" icon={ArrowLeft} onPress={() => select(undefined)}>
              {t("manual.back")}
            </Button>
          </div>
        ) : undefined
      }
      actions={
        alone ? undefined : (
          <>
            <Button icon={ClipboardPaste} onPress={() => setPasting(true)} isDisabled={!ready}>
              {t("manual.paste")}
            </Button>
            <Button look="primary" icon={FileUp} onPress={() => void choose()} isDisabled={!ready}>
              {t("manual.add")}
            </Button>
          </>
        )
      }
    >
      <ProblemNotice
        problem={problem?.problem}
        {...(problem === undefined ? {} : { title: problem.title })}
        onDismiss={dismissProblem}
      />
      {alone ? null : <Note />}
      {alone ? (
        <ProfileDetail profile={current} heading={false} />
      ) : (
        <div className={styles.columns}>
          <div className={styles.column}>
            {profiles?.length === 0 ? <Empty /> : null}
            {profiles === undefined || profiles.length === 0 ? null : (
              <ProfileList profiles={profiles} current={wide ? current?.id : undefined} />
            )}
            {removed.length === 0 ? null : (
              <Card title={t("manual.removed.title")} lead={t("manual.removed.lead")} flush>
                <RowList label={t("manual.removed.title")}>
                  {removed.map((profile) => (
                    <Row
                      key={profile.id}
                      title={profile.name}
                      trailing={
                        <Button
                          look="quiet"
                          label={t("manual.removed.restoreNamed", { name: profile.name })}
                          onPress={() => void restore(profile)}
                        >
                          {t("manual.removed.restore")}
                        </Button>
                      }
                    />
                  ))}
                </RowList>
              </Card>
            )}
          </div>
          {current === undefined ? null : (
            <div className={styles.column}>
              <ProfileDetail profile={current} />
            </div>
          )}
        </div>
      )}
      <PasteDialog isOpen={pasting} onClose={() => setPasting(false)} />
    </Page>
  );
}

function Empty() {
  const { t } = useTranslation();
  return (
    <div className={styles.empty}>
      <FileUp size={32} />
      <h2>{t("manual.empty")}</h2>
      <p>{t("manual.emptyText")}</p>
    </div>
  );
}

/** What Limited Mode is, until it was read. */
function Note() {
  const { t } = useTranslation();
  const seen = useWindow(({ bridge }) => bridge?.presentation.hintsSeen);
  if (seen?.includes("limited_mode") !== false) return null;
  return (
    <ProblemCard
      tone="info"
      title={t("manual.note")}
      actions={
        <Button onPress={() => void request("setPresentation", { hintsSeen: [...seen, "limited_mode"] })}>
          {t("manual.hideNote")}
        </Button>
      }
    >
      <p>{t("manual.noteText")}</p>
    </ProblemCard>
  );
}
