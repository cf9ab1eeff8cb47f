import { createHash, X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/api/client.ts";
import { fetchTrustAnchor } from "../../../src/api/connection.ts";
import { makeCertificates, type ServerCertificate } from "../../../src/lab/certificates.ts";

const answer = z.strictObject({ ok: z.boolean() });
let certificates: ServerCertificate;
let server: Server;
let origin: string;
let pin: string;

beforeAll(async () => {
  certificates = await makeCertificates({ names: ["localhost"], addresses: ["127.0.0.1"] });
  pin = createHash("sha256").update(new X509Certificate(certificates.authority).raw).digest("hex");
  server = createServer({ cert: certificates.chain, key: certificates.key }, (_request, response) => {
    response.setHeader("content-type", "application/json").end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe("the pin of an enrolment link", () => {
  it("leads to the authority, and trusting that alone makes the connection stand", async () => {
    const anchor = await fetchTrustAnchor({ origin }, pin);
    expect(anchor.ok).toBe(true);
    const client = new ApiClient({ origin, ca: anchor.ok ? anchor.ca : undefined });
    expect(await client.call({ method: "GET", path: "/x", answer })).toMatchObject({ ok: true });
    client.close();
  });

  it("is not satisfied by the server's own certificate, which is no authority", async () => {
    const leaf = createHash("sha256").update(new X509Certificate(certificates.chain).raw).digest("hex");
    expect(await fetchTrustAnchor({ origin }, leaf)).toMatchObject({ ok: false, code: "pin_mismatch" });
  });

  it("is not satisfied by another authority", async () => {
    expect(await fetchTrustAnchor({ origin }, "0".repeat(64))).toMatchObject({
      ok: false,
      code: "pin_mismatch",
    });
  });

  it("does not make a certificate good for another name", async () => {
    const anchor = await fetchTrustAnchor({ origin }, pin);
    const port = new URL(origin).port;
    const elsewhere = new ApiClient({
      origin: `https://elsewhere.test:${port}`,
      ca: anchor.ok ? anchor.ca : undefined,
      connect: () =>
        new Promise((resolve) => {
          const socket = net.connect(Number(port), "127.0.0.1", () => resolve(socket));
        }),
    });
    const got = await elsewhere.call({ method: "GET", path: "/x", answer });
    expect(got).toMatchObject({
      ok: false,
      kind: "unreachable",
      message: expect.stringContaining("altname") as string,
    });
    elsewhere.close();
  });

  it("says so when nobody listens", async () => {
    const free = net.createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    expect(await fetchTrustAnchor({ origin: `https://127.0.0.1:${port}` }, pin)).toMatchObject({
      ok: false,
      code: "unreachable",
    });
  });
});

it("without the authority the same server is not believed", async () => {
  const client = new ApiClient({ origin });
  expect(await client.call({ method: "GET", path: "/x", answer })).toMatchObject({
    ok: false,
    kind: "unreachable",
  });
  client.close();
});
