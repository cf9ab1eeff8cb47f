import type { ReactNode } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Card } from "../../parts/Card.tsx";
import { unusedWords } from "../../texts/said-words.ts";
import styles from "./ProfileDetail.module.css";

/** Everything that a configuration says, without its secrets. */
export function ProfileFacts({ profile }: { readonly profile: Profile }) {
  const { t, language } = useTranslation();
  const { config, steers, createdAt, changedAt } = profile;
  const unused = unusedWords(profile, t);
  const { addresses, dns, searchDomains, mtu } = config.interface;
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      {unused.length === 0 ? null : (
        <Card title={t("manual.details.unused")} lead={t("manual.details.unusedText")}>
          <ul className={styles.unused}>
            {unused.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Card>
      )}
      <Card title={t("manual.details.title")}>
        <dl className={styles.facts}>
          <Fact name={t("manual.details.steers")}>
            <Values values={steers.prefixes} />
          </Fact>
          {config.peers.map((peer) => (
            <Peer key={peer.publicKey} peer={peer} />
          ))}
          <Fact name={t("manual.details.addresses")}>
            <Values values={addresses} />
          </Fact>
          <Fact name={t("manual.details.dns")}>
            <Values values={dns} />
          </Fact>
          {searchDomains.length === 0 ? null : (
            <Fact name={t("manual.details.searchDomains")}>
              <Values values={searchDomains} />
            </Fact>
          )}
          {mtu === null ? null : <Fact name={t("manual.details.mtu")}>{mtu}</Fact>}
          <Fact name={t("manual.details.added")}>{time.format(new Date(createdAt))}</Fact>
          {changedAt === createdAt ? null : (
            <Fact name={t("manual.details.changed")}>{time.format(new Date(changedAt))}</Fact>
          )}
        </dl>
      </Card>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Values({ values }: { readonly values: readonly string[] }) {
  const { t } = useTranslation();
  if (values.length === 0) return <>{t("manual.details.none")}</>;
  return (
    <ul className={styles.mono}>
      {values.map((value) => (
        <li key={value}>{value}</li>
      ))}
    </ul>
  );
}

function Peer({ peer }: { readonly peer: Profile["config"]["peers"][number] }) {
  const { t } = useTranslation();
  const { endpoint, publicKey, hasPresharedKey, persistentKeepalive } = peer;
  return (
    <>
      <Fact name={t("manual.details.gateway")}>
        <span className={styles.mono}>{endpoint ?? t("manual.noEndpoint")}</span>
      </Fact>
      <Fact name={t("manual.details.publicKey")}>
        <span className={styles.mono}>{publicKey}</span>
      </Fact>
      {hasPresharedKey ? (
        <Fact name={t("manual.details.presharedKey")}>{t("manual.details.presharedKeyThere")}</Fact>
      ) : null}
      {persistentKeepalive === null ? null : (
        <Fact name={t("manual.details.keepalive")}>
          {t("manual.details.seconds", { count: persistentKeepalive })}
        </Fact>
      )}
    </>
  );
}
