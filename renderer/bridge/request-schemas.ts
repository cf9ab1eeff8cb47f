/** The schemas of requests, and zod with them. Fetched with the first request. */
import "./no-programs.ts";
export { requests } from "../../src/bridge/contract.ts";
