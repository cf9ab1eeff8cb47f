import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript, SHELLS } from "../../../src/cli/completion.ts";
import { fakeAgent, nanami } from "./world.ts";

async function after(...words: string[]): Promise<string[]> {
  await using agent = await fakeAgent();
  const run = await nanami(agent.path, ["__complete", "--", ...words]);
  expect(run.status).toBe(0);
  return run.out.split("\n").slice(0, -1);
}

test.each<[string[], string[]]>([
  [["sta"], ["status"]],
  [["p"], ["path", "prefs"]],
  [
    ["prefs", ""],
    ["get", "set"],
  ],
  [
    ["prefs", "set", "--layer", ""],
    ["device", "user"],
  ],
  [["prefs", "set", "--mode", "f"], ["full_tunnel"]],
  [
    ["prefs", "set", "--egress", ""],
    ["auto", "osaka", "frankfurt", "saopaulo"],
  ],
  [["path", "preview", "--ingress", "osaka", "--egress", "f"], ["frankfurt"]],
  [["status", "--w"], ["--watch"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["up", "--timeout", ""], []],
])("after %j come %j", async (words, expected) => {
  expect(await after(...words)).toEqual(expected);
});

test("an option that is there already is not offered again, and the global ones are", async () => {
  const offered = await after("status", "--watch", "--");
  expect(offered).not.toContain("--watch");
  expect(offered).toContain("--json");
});

test("without an agent, gateways complete to nothing but auto, silently", async () => {
  const run = await nanami("/nonexistent/agent.sock", [
    "__complete",
    "--",
    "path",
    "preview",
    "--egress",
    "",
  ]);
  expect(run).toEqual({ status: 0, out: "auto\n", err: "" });
});

test.each(SHELLS)("the %s script is printed", async (shell) => {
  const run = await nanami("/nonexistent/agent.sock", ["completion", shell]);
  expect(run).toEqual({ status: 0, out: completionScript(shell), err: "" });
});

test("bash takes its script and completes by asking nanami", () => {
  const script = `
nanami() { printf '%s\\n' get set; }
${completionScript("bash")}
COMP_WORDS=(nanami prefs s) COMP_CWORD=2
_nanami
printf '%s' "\${COMPREPLY[*]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toBe("set");
});
