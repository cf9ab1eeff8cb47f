import { useTranslation } from "../../texts/speech.ts";
import CircleOff from "lucide-react/icons/circle-off";
import Download from "lucide-react/icons/download";
import GitCompareArrows from "lucide-react/icons/git-compare-arrows";
import Lock from "lucide-react/icons/lock";
import Search from "lucide-react/icons/search";
import type { AgentState, HostFacts } from "../../../src/bridge/state.ts";
import { Button } from "../../parts/Button.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useRequest } from "../../parts/use-request.ts";
import { Command } from "./Command.tsx";
import styles from "./start.module.css";

type Why = "looking" | "not_installed" | "not_running" | "not_permitted" | "other_version";

const SYMBOLS = {
  looking: Search,
  not_installed: Download,
  not_running: CircleOff,
  not_permitted: Lock,
  other_version: GitCompareArrows,
} as const;

const WORDS = {
  looking: { title: "lookingTitle", text: "lookingText", remedy: undefined },
  not_installed: { title: "notInstalledTitle", text: "notInstalledText", remedy: "install" },
  not_running: { title: "notRunningTitle", text: "notRunningText", remedy: "start" },
  not_permitted: { title: "notPermittedTitle", text: "notPermittedText", remedy: "allow" },
  other_version: { title: "otherVersionTitle", text: "otherVersionText", remedy: "update" },
} as const satisfies Record<Why, { title: string; text: string; remedy: string | undefined }>;

interface AgentScreenProps {
  readonly agent: Exclude<AgentState, { readonly state: "ready" }>;
  /** undefined while the host itself is being looked for. */
  readonly host: HostFacts | undefined;
}

/** In place of every screen while there is no agent to speak of: what is so, and the one thing to do about it. */
export function AgentScreen({ agent, host }: AgentScreenProps) {
  const { t } = useTranslation();
  const why = agent.state === "away" ? agent.why : agent.state;
  const Symbol = SYMBOLS[why];
  const { title, text, remedy } = WORDS[why];
  return (
    <main className={styles.whole}>
      <div className={[styles.agent, why === "looking" ? styles.later : ""].join(" ")}>
        <span className={styles.symbol} aria-hidden="true">
          <Symbol size={28} />
        </span>
        <div role="status" className={styles.form}>
          <h1>{t(`start.agent.${title}`)}</h1>
          <p>{t(`start.agent.${text}`)}</p>
          {agent.state === "other_version" ? (
            <p className={styles.quiet}>
              {agent.agentProtocol === null
                ? t("start.agent.versionsUnknown", { ours: agent.ours })
                : t("start.agent.versions", { ours: agent.ours, theirs: agent.agentProtocol })}
            </p>
          ) : null}
        </div>
        {remedy === undefined || host === undefined ? null : (
          <Remedy words={t(`start.agent.${remedy}`)} host={host} starts={why === "not_running"} />
        )}
      </div>
    </main>
  );
}

interface RemedyProps {
  readonly words: string;
  readonly host: HostFacts;
  readonly starts: boolean;
}

function Remedy({ words, host, starts }: RemedyProps) {
  const { t } = useTranslation();
  const { run, running, problem } = useRequest("installService");
  return (
    <>
      {host.canInstallService ? (
        <Button
          look="primary"
          onPress={() => void run({})}
          pending={running ? t("start.agent.waiting") : false}
        >
          {words}
        </Button>
      ) : (
        <>
          <p className={styles.strong}>{t("start.agent.type")}</p>
          <Command text={starts ? host.startCommand : host.installCommand} />
        </>
      )}
      <ProblemNotice problem={problem} title={t("start.agent.notInstalled")} />
      <p className={styles.quiet}>{t("start.agent.byItself")}</p>
    </>
  );
}
