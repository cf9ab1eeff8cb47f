/** What the service says by code, in the window's language; its own sentence where the code is not known here. Pure. */
import type { TFunction } from "./translate.ts";
import type { RequestResult } from "../../src/bridge/contract.ts";
import type { Language } from "../../src/bridge/language.ts";
import type { Loosened, Snapshot } from "../../src/rpc/contract.ts";
import type { Facts, Said } from "../../src/rpc/said.ts";
import { en } from "./en/index.ts";
import { reasonText } from "./reason-words.ts";

type Check = RequestResult<"checkHealth">["checks"][number];
type Explanation = RequestResult<"explainRoute">;
type ExpectedRoute = Explanation["routes"][number]["expected"];
type ActiveProfile = NonNullable<Snapshot["profile"]>;
type Table =
  | "deviations"
  | "findings"
  | "pathFaults"
  | "routes"
  | "resolvers"
  | "unused"
  | "profileTroubles"
  | "deciders";

/** The sentence of a table; undefined where there is none. */
function sentence(table: Table, said: Said | null | undefined, t: TFunction): string | undefined {
  if (said == null || !Object.hasOwn(en.said[table], said.code)) return undefined;
  // Which facts a sentence takes is decided by the code; the types of the texts cannot know it.
  return (t as (key: string, facts: Facts) => string)(`said.${table}.${said.code}`, said.facts);
}

/** What a health check found. */
export function findingWords(check: Check, language: Language, t: TFunction): string {
  const { found, facts = {}, message } = check;
  if (found === undefined) return message;
  const { reason, repairedAt } = facts;
  const why = reason === undefined ? message : reasonText({ code: reason, message, facts }, t);
  const changed = deviationWords(check, t);
  const detail = changed ?? t("said.systemSays", { detail: facts["detail"] ?? "" });
  const told = sentence("findings", { code: found, facts: { ...facts, why, detail } }, t) ?? message;
  if (repairedAt === undefined) return told;
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(new Date(repairedAt));
  const then = changed === undefined ? [] : [t("said.foundThen", { changed })];
  return [told, t("said.repaired", { time }), ...then].join(" ");
}

/** What somebody else changed; undefined where nothing is known, or not all of it in this language. */
export function deviationWords(
  { deviations = [] }: { readonly deviations?: readonly Said[] | undefined },
  t: TFunction,
): string | undefined {
  const sentences = deviations.map((said) => sentence("deviations", said, t));
  return sentences.length === 0 || sentences.includes(undefined) ? undefined : sentences.join(" ");
}

/** Why a path cannot be used, and where in it that is; what has no words of ours, as the service says it. */
export function pathFaultWords(facts: Facts, t: TFunction): string {
  const { fault = "", place = "", detail = "" } = facts;
  const told = sentence("pathFaults", { code: fault, facts: {} }, t);
  if (told === undefined) return t("home.cards.serviceSays", { detail });
  return place === "" ? told : t("said.pathFaultAt", { told, place });
}

/** Why traffic to an address is meant to go where it goes. */
export function routeWords({ because, reason }: ExpectedRoute, t: TFunction): string {
  return sentence("routes", because, t) ?? reason;
}

/** What decides the mode. */
export function deciderWords({ decider, decidedBy }: Explanation, t: TFunction): string {
  const layer = decider?.code === "layer" ? decider.facts["layer"] : undefined;
  if (layer !== undefined && Object.hasOwn(en.said.deciders.layers, layer))
    return t(`said.deciders.layers.${layer as keyof typeof en.said.deciders.layers}`);
  return sentence("deciders", decider, t) ?? decidedBy;
}

/** Who answers for the name; null where an address was asked about. */
export function resolverWords({ resolver, dns }: Explanation, t: TFunction): string | null {
  return sentence("resolvers", resolver, t) ?? dns;
}

/** What a file says that connecting will not use, in sentences. */
export function unusedWords(
  {
    unused,
    unusedSaid,
  }: { readonly unused: readonly string[]; readonly unusedSaid?: readonly Said[] | undefined },
  t: TFunction,
): readonly string[] {
  return unused.map((own, at) => sentence("unused", unusedSaid?.[at], t) ?? own);
}

/** Why a manual configuration is not in force as it is stored; null when it is. */
export function profileWords({ problem, trouble }: ActiveProfile, t: TFunction): string | null {
  return sentence("profileTroubles", trouble, t) ?? problem;
}

/** What a path keeps in the tunnel less than the one before, and who decided it, in sentences. */
export function loosenedWords(loosened: Loosened, t: TFunction): readonly string[] {
  return [t(loosened.mode ? "said.loosened.mode" : "said.loosened.smaller"), ...loosenedDetails(loosened, t)];
}

/** Who decided it, and what is gone. */
export function loosenedDetails(
  { mode, prefixes, prefixCount, chosenBy, decidedBy }: Loosened,
  t: TFunction,
): readonly string[] {
  const list = prefixes.join(", ");
  const named =
    prefixCount > prefixes.length
      ? t("home.path.morePrefixes", { list, count: prefixCount - prefixes.length })
      : list;
  return [
    ...(mode
      ? [
          t("said.loosened.who", {
            now: t(`said.loosened.by.${decidedBy}`),
            before: t(`said.loosened.by.${chosenBy}`),
          }),
        ]
      : []),
    ...(prefixes.length === 0 ? [] : [t("said.loosened.gone", { prefixes: named })]),
  ];
}
