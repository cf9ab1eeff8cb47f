/**
 * The naive helper: a root program that brings tunnels up for whoever asks, as many a client has one. It listens on a
 * socket that everybody may write to, believes the path that it is given, hands the file to `wg-quick` as it is, says
 * what went wrong with it, and loads the plug-ins that the file names. Usage: `naive-helper-program.ts <socket>`; a request is
 * a line, `up <path>` or `down`, and its answer ends with the connection.
 */
import { execFile } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/** A name that `wg-quick` takes for an interface's. */
const OWN_COPY = "/run/helper0.conf";
const PLUGIN = /^Plugin\s*=\s*(.+)$/gm;

async function up(path: string): Promise<string> {
  const text = readFileSync(path, "utf8");
  for (const [, plugin = ""] of text.matchAll(PLUGIN)) await import(pathToFileURL(plugin).href);
  writeFileSync(OWN_COPY, text.replaceAll(PLUGIN, ""));
  return await wgQuick("up");
}

function wgQuick(what: "up" | "down"): Promise<string> {
  return new Promise((resolve) => {
    execFile("wg-quick", [what, OWN_COPY], (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

const [path = ""] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  createInterface(socket).once("line", (line) => {
    const work = line.startsWith("up ") ? up(line.slice(3)) : wgQuick("down");
    work.then(
      (words) => socket.end(words),
      (error: unknown) => socket.end(String(error)),
    );
  });
});
server.listen(path, () => {
  chmodSync(path, 0o666);
  process.stdout.write("ready\n");
});
