/**
 * Loaded before the agent (`--import`): its wall clock is wrong by as many milliseconds as the file says that
 * `NANAMI_WALK_CLOCK` names, read at start and again on SIGUSR2. The machine's own clock is everybody's.
 */
import { readFileSync } from "node:fs";

const real = Date.now.bind(Date);
const read = (): number => Number(readFileSync(process.env["NANAMI_WALK_CLOCK"] ?? "", "utf8"));
let wrongBy = read();

Date.now = () => real() + wrongBy;
process.on("SIGUSR2", () => {
  wrongBy = read();
});
