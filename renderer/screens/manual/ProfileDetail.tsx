import { useState } from "react";
import Copy from "lucide-react/icons/copy";
import Download from "lucide-react/icons/download";
import FilePen from "lucide-react/icons/file-pen";
import ListFilter from "lucide-react/icons/list-filter";
import Pencil from "lucide-react/icons/pencil";
import Trash2 from "lucide-react/icons/trash-2";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Card } from "../../parts/Card.tsx";
import { MenuButton } from "../../parts/Menu.tsx";
import { ConnectProfile } from "./ConnectProfile.tsx";
import { EditDialog } from "./EditDialog.tsx";
import { ExportDialog } from "./ExportDialog.tsx";
import { duplicate, remove } from "./library.ts";
import { NarrowDialog } from "./NarrowDialog.tsx";
import { ProfileFacts } from "./ProfileFacts.tsx";
import { Marks } from "./ProfileList.tsx";
import { RenameDialog } from "./RenameDialog.tsx";
import styles from "./ProfileDetail.module.css";

type Task = "edit" | "rename" | "narrow" | "export";

interface ProfileDetailProps {
  readonly profile: Profile;
  /** Whether the name stands here; else it is the page's heading. */
  readonly heading?: boolean;
}

/** One configuration: connecting it, what it asks for, and what can be done with it. */
export function ProfileDetail({ profile, heading = true }: ProfileDetailProps) {
  const { t } = useTranslation();
  const [task, setTask] = useState<Task>();
  const { name, own, shared } = profile;
  const act = (id: Task | "duplicate" | "remove"): void => {
    if (id === "duplicate") void duplicate(profile);
    else if (id === "remove") void remove(profile);
    else setTask(id);
  };
  const close = (): void => setTask(undefined);
  const items = [
    { id: "edit", label: t("manual.edit"), icon: FilePen },
    { id: "rename", label: t("manual.rename"), icon: Pencil },
    { id: "narrow", label: t("manual.narrow"), icon: ListFilter },
    { id: "duplicate", label: t("manual.duplicate"), icon: Copy },
    { id: "export", label: t("manual.export"), icon: Download },
    { id: "remove", label: t("manual.remove"), icon: Trash2, danger: true },
  ] as const;
  const menu = own ? (
    <div className={styles.menu}>
      <MenuButton label={t("manual.actionsFor", { name })} items={items} onAction={act} />
    </div>
  ) : null;
  return (
    <>
      <Card
        title={
          heading ? (
            <span className={styles.name}>
              {name} <Marks profile={profile} />
            </span>
          ) : (
            <span className={styles.name}>
              {t("manual.means.title")} <Marks profile={profile} />
            </span>
          )
        }
        actions={menu}
      >
        {shared ? (
          <p className={styles.quiet}>{t(own ? "manual.sharedByYou" : "manual.sharedByOther")}</p>
        ) : null}
        <ConnectProfile key={profile.id} profile={profile} />
      </Card>
      <ProfileFacts profile={profile} />
      {task === "edit" ? <EditDialog profile={profile} onClose={close} /> : null}
      {task === "rename" ? <RenameDialog profile={profile} onClose={close} /> : null}
      {task === "narrow" ? <NarrowDialog profile={profile} onClose={close} /> : null}
      {task === "export" ? <ExportDialog profile={profile} onClose={close} /> : null}
    </>
  );
}
