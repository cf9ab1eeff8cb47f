/** Does what the buttons of the home screen say. Each answers with the refusal, if there was one. */
import type { TFunction } from "../../texts/translate.ts";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import { changePreference, type Words } from "../../change-preference.ts";
import { notify } from "../../parts/toasts.ts";
import { goTo, request, useWindow, type Standing } from "../../state.ts";
import { problemWords } from "../../texts/problem-words.ts";
import { modeOf } from "./facts.ts";
import type { CardAction } from "./problem-cards.ts";
import { useRemembered } from "./remembered.ts";

type Mode = "vpn_only" | "full_tunnel";
type Refusal = BridgeProblem | undefined;

/** Where a refusal is told: what it was that could not be done. */
export type Deed = "connect" | "disconnect" | "change" | "logout";

export async function connect(): Promise<Refusal> {
  return refusalOf(await request("connect", {}));
}

/** Connects what was connected before the person disconnected to sign in. */
export async function reconnect(): Promise<Refusal> {
  const profile = useWindow.getState().bridge?.signingIn?.profile ?? null;
  return refusalOf(await request("connect", profile === null ? {} : { profile }));
}

/** Ends the protection; the way back is offered. */
export async function disconnect(profile: string | null, t: TFunction): Promise<Refusal> {
  const outcome = await request("disconnect", {});
  if (outcome.ok)
    notify({
      text: t("home.toast.disconnected"),
      undo: async () => {
        const back = await request("connect", profile === null ? {} : { profile });
        if (!back.ok)
          notify({ text: t("home.toast.notRestored", { message: problemWords(back.problem, t).message }) });
      },
    });
  return refusalOf(outcome);
}

export async function chooseMode(mode: Mode, t: TFunction): Promise<Refusal> {
  const done = t("home.toast.mode", { mode: t(`home.modes.${mode}`) });
  return refusalOf(
    await changePreference("device", (stored) => ({ ...stored, trafficMode: mode }), words(done, t)),
  );
}

export async function act(action: CardAction, snapshot: Standing, t: TFunction): Promise<Refusal> {
  switch (action) {
    case "connect":
      return connect();
    case "disconnect":
      return disconnect(snapshot.profile?.id ?? null, t);
    case "reconnect":
      return reconnect();
    // Whoever holds the window sees it, and offers the way back, also where the window is gone.
    case "signIn":
      return refusalOf(await request("disconnect", {}));
    case "automatic":
      return refusalOf(
        await changePreference(
          "device",
          (stored) => ({ ...stored, selection: { routingMode: "auto" } }),
          words(t("home.toast.automatic"), t),
        ),
      );
    case "chooseGateway":
      goTo("path");
      return undefined;
    case "openSettings":
      goTo("settings");
      return undefined;
    case "closeAnnouncement":
      useRemembered.setState({ closedAnnouncement: snapshot.announcement });
      return undefined;
    case "fullTunnel":
      return chooseMode("full_tunnel", t);
    case "consent":
    case "keepMode":
      return decide(action, snapshot, t);
    case "applyAgain":
    case "keepStored":
      return settle(action, snapshot, t);
    case "logout":
      return refusalOf(await logout(t));
  }
}

/** To connect in a mode is to choose it: what waited for that applies, or is overruled. */
async function decide(action: "consent" | "keepMode", snapshot: Standing, t: TFunction): Promise<Refusal> {
  const mode = action === "keepMode" ? modeOf(snapshot) : (snapshot.path?.trafficMode.value ?? "vpn_only");
  const outcome = await request("connect", { mode });
  if (outcome.ok) notify({ text: t(action === "consent" ? "home.toast.consented" : "home.toast.kept") });
  return refusalOf(outcome);
}

/** A change that was made while the control plane was away, and that lost against another one. */
async function settle(
  action: "applyAgain" | "keepStored",
  { unsaved }: Standing,
  t: TFunction,
): Promise<Refusal> {
  if (unsaved === null || (unsaved.layer !== "device" && unsaved.layer !== "user")) return undefined;
  const { layer, value } = unsaved;
  if (action === "applyAgain")
    return refusalOf(await changePreference(layer, () => value, words(t("home.toast.consented"), t)));
  // To store what is stored ends the conflict.
  const read = await request("getPreferences", {});
  if (!read.ok) return read.problem;
  const stored = read.value.find((one) => one.layer === layer)?.value ?? {};
  const outcome = await request("setPreference", { layer, value: stored });
  if (outcome.ok) notify({ text: t("home.toast.restored") });
  return refusalOf(outcome);
}

async function logout(t: TFunction) {
  const outcome = await request("logout", {});
  if (outcome.ok) notify({ text: t("home.toast.loggedOut") });
  return outcome;
}

export function words(done: string, t: TFunction): Words {
  return {
    done,
    restored: t("home.toast.restored"),
    notRestored: (problem) => t("home.toast.notRestored", { message: problemWords(problem, t).message }),
  };
}

function refusalOf(outcome: { ok: true } | { ok: false; problem: BridgeProblem }): Refusal {
  return outcome.ok ? undefined : outcome.problem;
}
