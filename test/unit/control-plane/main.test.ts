/** The program itself: its files, its certificate, its end. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../../../src/api/client.ts";
import { fetchTrustAnchor } from "../../../src/api/connection.ts";
import * as http from "../../../src/api/http.ts";
import { parseEnrollmentLink } from "../../../src/api/link.ts";
import { makeCertificates } from "../../../src/lab/certificates.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly origin: string;
}

async function start(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, ["src/control-plane/main.ts", ...args]);
  let text = "";
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const origin = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        text += data.toString();
        const listening = /^listening on (\S+)$/m.exec(text)?.[1];
        if (listening !== undefined) resolve(listening);
      });
    }
    void ended.then(() => reject(new Error(text)));
  });
  return {
    child,
    origin,
    output: () => text,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

test("serves HTTPS under an authority that the enrolment link pins, and ends cleanly", async () => {
  const made = await makeCertificates({ names: [], addresses: ["127.0.0.1"] });
  const { chain, key, authority: ca } = made;
  const [certFile, keyFile, data] = ["cert.pem", "key.pem", "data"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(certFile, chain);
  await writeFile(keyFile, key, { mode: 0o600 });
  const args = ["--listen", "127.0.0.1:0", "--data", data, "--tls-cert", certFile, "--tls-key", keyFile];
  await using running = await start(...args, "--public", "control.example:8443");
  expect(running.origin).toMatch(/^https:\/\/127\.0\.0\.1:[0-9]+$/);

  const tokenFile = join(data, "operator-token");
  expect(running.output()).toContain(tokenFile);
  expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
  expect((await stat(join(data, "control-plane.sqlite"))).mode & 0o777).toBe(0o600);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  const token = (await readFile(tokenFile, "utf8")).trim();
  expect(running.output()).not.toContain(token);

  const pin = createHash("sha256").update(new X509Certificate(ca).raw).digest("hex");
  const anchor = await fetchTrustAnchor({ origin: running.origin }, pin);
  expect(anchor).toEqual({ ok: true, ca: new X509Certificate(ca).toString() });

  const client = new ApiClient({ origin: running.origin, ca, token });
  const workspace = await client.call({
    method: "POST",
    path: "/workspaces",
    body: { name: "acme" },
    answer: http.CreatedWorkspace,
  });
  if (!workspace.ok) throw new Error(workspace.message);
  const operator = client.as(workspace.body.operatorToken);
  const network = await operator.call({
    method: "POST",
    path: "/networks",
    body: { name: "corp", overlayPrefixes: ["100.64.0.0/16"] },
    answer: http.Network,
  });
  if (!network.ok) throw new Error(network.message);
  const gateway = { for: "gateway", name: "tokyo", region: "Tokyo", roles: ["exit_gateway"] };
  const created = await operator.call({
    method: "POST",
    path: `/networks/${network.body.id}/enrollment-keys`,
    body: { ...gateway, endpoint: "198.51.100.10:51820" },
    answer: http.CreatedEnrollmentKey,
  });
  if (!created.ok) throw new Error(created.message);
  expect(parseEnrollmentLink(created.body.link)).toMatchObject({
    ok: true,
    link: { host: "control.example:8443", pin },
  });
  for (const one of [client, operator]) one.close();

  const code = new Promise((resolve) => running.child.once("exit", resolve));
  running.child.kill("SIGTERM");
  expect(await code).toBe(0);
});

test("a second start on a store in use by people gives out no token", async () => {
  const data = join(folder, "again");
  const args = ["--listen", "127.0.0.1:0", "--data", data];
  const first = await start(...args);
  const token = (await readFile(join(data, "operator-token"), "utf8")).trim();
  await first[Symbol.asyncDispose]();

  // Nobody has used it: the next start gives out another and the old one is dead.
  const second = await start(...args);
  const client = new ApiClient({ origin: second.origin, token });
  const call = {
    method: "POST",
    path: "/workspaces",
    body: { name: "acme" },
    answer: http.CreatedWorkspace,
  } as const;
  expect(await client.call(call)).toMatchObject({ ok: false, status: 401 });
  const newer = (await readFile(join(data, "operator-token"), "utf8")).trim();
  const fresh = client.as(newer);
  expect(await fresh.call(call)).toMatchObject({ ok: true });
  for (const one of [client, fresh]) one.close();
  await second[Symbol.asyncDispose]();

  await using third = await start(...args);
  expect(third.output()).not.toContain("operator-token");
});

test("tokens are never served in clear beyond loopback, and nonsense is refused with its reason", async () => {
  const data = join(folder, "never");
  await expect(start("--listen", "0.0.0.0:0", "--data", data)).rejects.toThrow(/only loopback is served/);
  await expect(start("--listen", "localhost", "--data", data)).rejects.toThrow(
    /expected an address and a port/,
  );
  const open = ["--listen", "[::]:0", "--data", data, "--tls-cert", "/dev/null", "--tls-key", "/dev/null"];
  await expect(start(...open)).rejects.toThrow(/name the host that devices reach this by with --public/);
  await expect(start(...open, "--public", "https://x")).rejects.toThrow(/expected a lower-case host name/);
  await expect(start("--data", data)).rejects.toThrow(/usage:/);
});
