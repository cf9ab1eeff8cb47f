import { Suspense, useRef, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { fetched } from "../../parts/fetched.tsx";
import { useFirstFrameDrawn } from "../../parts/first-frame.ts";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { goTo, useAgentReady, useStanding, type Standing } from "../../state.ts";
import { act, chooseMode, connect, disconnect, type Deed } from "./act.ts";
import { ConnectSwitch } from "./ConnectSwitch.tsx";
import { modeOf } from "./facts.ts";
import { headline } from "./headline.ts";
import { HomeCards } from "./HomeCards.tsx";
import { Lead } from "./Lead.tsx";
import { LivePath } from "./LivePath.tsx";
import type { CardAction } from "./problem-cards.ts";
import { Throughput } from "./Throughput.tsx";
import styles from "./Home.module.css";

const FirstRun = fetched(async () => (await import("../start/FirstRun.tsx")).FirstRun);
const LogoutQuestion = fetched(async () => (await import("./LogoutQuestion.tsx")).LogoutQuestion);

/** What is so, where traffic goes, and the switch. */
export function Home() {
  const snapshot = useStanding();
  if (snapshot === undefined) return null;
  const unused = snapshot.enrollment === null && snapshot.profile === null && isAtRest(snapshot);
  return unused ? <Unused snapshot={snapshot} /> : <Connection snapshot={snapshot} />;
}

/** A device that belongs nowhere can still be closed, by lockdown, or was connected by a file until its user signed in. */
function Unused({ snapshot }: { readonly snapshot: Standing }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<BridgeProblem>();
  const onAction = (action: CardAction): void => {
    if (action === "connect" || action === "reconnect") {
      setProblem(undefined);
      void act(action, snapshot, t).then(setProblem);
    } else goTo("settings");
  };
  return (
    <FirstRun
      notices={
        <>
          <ProblemNotice
            problem={problem}
            title={t("home.problems.connect")}
            onDismiss={() => setProblem(undefined)}
          />
          <HomeCards snapshot={snapshot} onAction={onAction} />
        </>
      }
    />
  );
}

/** What is being done, since the agent answers only when it is done. */
type Doing = "connect" | "disconnect" | "mode" | undefined;

function Connection({ snapshot }: { readonly snapshot: Standing }) {
  const { t } = useTranslation();
  const live = useAgentReady();
  const drawn = useFirstFrameDrawn();
  const [doing, setDoing] = useState<Doing>();
  const [refusal, setRefusal] = useState<{ deed: Deed; problem: BridgeProblem }>();
  const [wantedMode, setWantedMode] = useState<"vpn_only" | "full_tunnel">();
  const [asksLogout, setAsksLogout] = useState(false);
  const turn = useRef(0);
  const { tunnel, profile } = snapshot;
  const rest = isAtRest(snapshot);
  const isOn = doing === "connect" || (!rest && tunnel.state !== "disconnecting" && doing !== "disconnect");
  const busy = doing === "connect" || tunnel.state === "connecting" || tunnel.state === "reconnecting";

  const run = async (
    what: Doing,
    deed: Deed,
    work: () => Promise<BridgeProblem | undefined>,
  ): Promise<void> => {
    turn.current += 1;
    const mine = turn.current;
    setRefusal(undefined);
    setDoing(what);
    const problem = await work();
    setDoing((now) => (now === what ? undefined : now));
    // Who does something else meanwhile, cancels for one, is not told that the former was refused.
    if (problem !== undefined && turn.current === mine) setRefusal({ deed, problem });
  };
  const switchOff = (): void =>
    void run("disconnect", "disconnect", () => disconnect(profile?.id ?? null, t));
  const onAction = (action: CardAction): void => {
    if (action === "logout") setAsksLogout(true);
    else void run(undefined, "change", () => act(action, snapshot, t));
  };

  return (
    <Page
      title={headline(snapshot, live, t)}
      lead={<Lead snapshot={snapshot} isLive={live} />}
      actions={
        <ConnectSwitch
          isOn={isOn}
          doing={busy || tunnel.state === "blocked" ? tunnel.state : null}
          isDisabled={!live}
          onChange={(on) => {
            // Not disabled meanwhile, so that it keeps the focus.
            if (tunnel.state === "disconnecting" || doing === "disconnect") return;
            if (on) void run("connect", "connect", connect);
            else switchOff();
          }}
        />
      }
    >
      {tunnel.state === "connecting" || doing === "connect" ? (
        <Button wide onPress={switchOff} pending={doing === "disconnect" ? t("home.cancelling") : false}>
          {t("home.cancel")}
        </Button>
      ) : null}
      {profile === null ? (
        <div className={styles.mode}>
          <SegmentedControl
            label={t("home.mode")}
            value={wantedMode ?? modeOf(snapshot)}
            isDisabled={!live || snapshot.path === null}
            options={[
              { id: "vpn_only", label: t("home.modes.vpn_only") },
              { id: "full_tunnel", label: t("home.modes.full_tunnel") },
            ]}
            onChange={(mode) => {
              if (wantedMode !== undefined) return;
              setWantedMode(mode);
              void run("mode", "change", () => chooseMode(mode, t)).then(() => setWantedMode(undefined));
            }}
          />
          {wantedMode === undefined ? (
            <DecidedBy snapshot={snapshot} />
          ) : (
            <p className={styles.decided}>{t("home.changing")}</p>
          )}
        </div>
      ) : null}
      <ProblemNotice
        problem={refusal?.problem}
        title={refusal === undefined ? "" : t(`home.problems.${refusal.deed}`)}
        onDismiss={() => setRefusal(undefined)}
      />
      <HomeCards snapshot={snapshot} onAction={onAction} />
      {drawn ? (
        <>
          <Card>
            <LivePath snapshot={snapshot} />
          </Card>
          {rest ? null : <Throughput />}
          {profile !== null && snapshot.enrollment !== null ? (
            <Button onPress={() => void run("connect", "connect", connect)}>
              {t("home.cards.useManaged")}
            </Button>
          ) : null}
        </>
      ) : null}
      {asksLogout ? (
        <Suspense>
          <LogoutQuestion
            network={snapshot.enrollment?.networkName ?? ""}
            onClose={() => setAsksLogout(false)}
            onConfirm={() => {
              setAsksLogout(false);
              void run(undefined, "logout", () => act("logout", snapshot, t));
            }}
          />
        </Suspense>
      ) : null}
    </Page>
  );
}

/** One quiet line: who decided the mode and the gateways. */
function DecidedBy({ snapshot: { path, tunnel } }: { readonly snapshot: Standing }) {
  const { t } = useTranslation();
  if (path === null) return null;
  const by = path.selection.value.routingMode === "auto" ? "auto" : path.selection.decidedBy;
  const shown = "mode" in tunnel && tunnel.mode !== path.trafficMode.value;
  return (
    <p className={styles.decided}>
      {shown ? null : <span>{t(`home.modeBy.${path.trafficMode.decidedBy}`)}</span>}
      <span>{t(`home.gatewaysBy.${by}`)}</span>
    </p>
  );
}
