/** The lab's own certificate authority and the certificate of its control plane. */
import "reflect-metadata"; // the container inside @peculiar/x509 needs it, and needs it first
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 24 * 60 * 60 * 1000;

export interface ServerCertificate {
  /** PEM: the server's certificate, then the authority's, as a server presents them. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM of the authority alone. */
  readonly authority: string;
}

/** Makes a new authority and one server certificate for these names and addresses, valid around `now`. */
export async function makeCertificates(
  subject: { readonly names: readonly string[]; readonly addresses: readonly string[] },
  now: Date = new Date(),
): Promise<ServerCertificate> {
  const validity = {
    notBefore: new Date(now.getTime() - DAY),
    notAfter: new Date(now.getTime() + 30 * DAY),
    signingAlgorithm: ALGORITHM,
  };
  const [authorityKeys, serverKeys] = await Promise.all([newKeys(), newKeys()]);
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Nanami lab authority",
    keys: authorityKeys,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const server = await X509CertificateGenerator.create({
    subject: `CN=${subject.names[0] ?? "control plane"}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...subject.names.map((value) => ({ type: "dns" as const, value })),
        ...subject.addresses.map((value) => ({ type: "ip" as const, value })),
      ]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey));
  return {
    chain: `${server.toString("pem")}\n${authority.toString("pem")}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END PRIVATE KEY-----\n`,
    authority: `${authority.toString("pem")}\n`,
  };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
