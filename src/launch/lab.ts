/** `npm run lab`: looks into the standing demo world. */
import { labCommand } from "../lab/lab-command.ts";
import { main } from "./command.ts";

await main(labCommand);
