/** Bodies and requests that are too large, too slow, too many or not what the contract says. */
import net from "node:net";
import { expect, test } from "vitest";
import * as http from "../../../src/api/http.ts";
import { TestPlane, TestWorkspace } from "./harness.ts";

async function post(
  plane: TestPlane,
  token: string,
  body: string,
  type = "application/json",
): Promise<unknown> {
  const response = await fetch(`${plane.origin}/api/v1/users`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": type },
    body,
  });
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const { status, code, errors } = http.Problem.parse(await response.json());
  expect(status).toBe(response.status);
  return [status, code, ...(errors ?? []).map((error) => `${error.pointer} ${error.code}`)];
}

test("malformed bodies are told what is wrong and where", async () => {
  await using plane = await TestPlane.start();
  const { operatorToken: token } = await TestWorkspace.create(plane);
  expect(await post(plane, token, "{")).toEqual([400, "malformed"]);
  expect(await post(plane, token, "")).toEqual([400, "malformed"]);
  expect(await post(plane, token, "[]")).toEqual([400, "malformed", " invalid_type"]);
  expect(await post(plane, token, "null")).toEqual([400, "malformed", " invalid_type"]);
  expect(await post(plane, token, '{"name":7}')).toEqual([400, "malformed", "/name invalid_type"]);
  expect(await post(plane, token, '{"name":"A","a/b":1}')).toEqual([400, "malformed", "/a~1b unknown_field"]);
  expect(await post(plane, token, '{"name":"A","__proto__":{"x":1}}')).toEqual([400, "malformed"]);
  expect(await post(plane, token, '{"name":"two\\nlines"}')).toEqual([
    400,
    "malformed",
    "/name invalid_format",
  ]);
  expect(await post(plane, token, "name=A", "application/x-www-form-urlencoded")).toEqual([
    415,
    "unsupported_media_type",
  ]);
  expect(await post(plane, token, `{"name":"${"A".repeat(65 * 1024)}"}`)).toEqual([413, "too_large"]);
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  expect(await post(plane, token, deep)).toEqual([400, "malformed", " invalid_type"]);
});

test("a stranger's body is not even read", async () => {
  await using plane = await TestPlane.start();
  expect(await post(plane, "nanami_operator_guess", "{")).toEqual([401, "unauthenticated"]);
});

test("a selection without a pin is no manual one, and unknown words are refused", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const path = `/networks/${corp}/routing-policy`;
  const selection = { routingMode: "manual", ingressDeviceId: null, egressDeviceId: null };
  expect(await acme.operator.refused("PUT", path, { selection }, "*")).toBe("400 malformed");
  expect(await acme.operator.refused("PUT", path, { trafficMode: "split" }, "*")).toBe("400 malformed");
  expect(await acme.operator.refused("PUT", path, { trafficMode: null }, "*")).toBe("400 malformed");
  expect(await acme.operator.refused("PUT", path, { mode: "vpn_only" }, "*")).toBe("400 malformed");
  const auto = { selection: { routingMode: "auto", ingressDeviceId: null } };
  expect(await acme.operator.refused("PUT", path, auto, "*")).toBe("400 malformed");
});

test("who drips a request is cut off", async () => {
  await using plane = await TestPlane.start({ limits: { requestMs: 200 } });
  const { hostname, port } = new URL(plane.origin);
  const socket = net.connect(Number(port), hostname);
  const answer = new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    socket.on("close", () => resolve(text));
    socket.on("error", () => undefined);
  });
  socket.write("GET /api/v1/users HTTP/1.1\r\nhost: x\r\n");
  const drip = setInterval(() => socket.write("x-a: b\r\n"), 50);
  expect(await answer).toContain("408");
  clearInterval(drip);
});

test("who asks too often is told to wait", async () => {
  await using plane = await TestPlane.start({ limits: { requestsPerMinute: 20, enrolmentsPerMinute: 3 } });
  const body = { key: "nanami_key_AAAAAAAAAAAAAAAA", publicKey: `${"B".repeat(42)}A=`, name: "x" };
  const stranger = plane.as(undefined);
  const answers: string[] = [];
  for (let i = 0; i < 5; i++) answers.push(await stranger.refused("POST", "/enrollments", body));
  expect(answers).toEqual([...Array<string>(3).fill("403 enrollment_key_unknown"), ...many(2)]);
  const others: string[] = [];
  for (let i = 0; i < 25; i++) others.push(await stranger.refused("GET", "/users"));
  expect(others.filter((answer) => answer === "401 unauthenticated").length).toBeLessThanOrEqual(20);
  expect(others.at(-1)).toBe("429 too_many_requests");
});

const many = (count: number): string[] => Array<string>(count).fill("429 too_many_requests");

test("what is not there is said in the same form", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  expect(await acme.operator.refused("GET", "/nothing")).toBe("404 no_such_surface");
  expect(await acme.operator.refused("GET", "/networks/..%2f..%2fetc")).toBe("404 unknown");
  expect(await acme.operator.refused("GET", `/networks/${"a".repeat(90)}`)).toBe("404 unknown");
});
