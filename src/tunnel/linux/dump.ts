/** What WireGuard has: by the control socket of wireguard-go, or by `wg` where the kernel does it. */
import { parseDump, type Dump } from "../../wireguard/dump.ts";
import { runProgram } from "./programs.ts";
import { readByUapi } from "./uapi.ts";

/** What WireGuard says of the interface; null when there is none. Throws an `OperationError` where it hangs. */
export async function readDump(interfaceName: string): Promise<Dump | null> {
  const answer = await readByUapi(interfaceName);
  if (answer !== null) return answer;
  const output = await runProgram("wg", ["show", interfaceName, "dump"], { mayFail: true });
  const dump = output.ok ? parseDump(output.stdout) : null;
  return dump?.ok === true ? dump.value : null;
}
