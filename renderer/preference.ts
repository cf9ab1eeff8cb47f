import type { RequestParams, RequestResult } from "../src/bridge/contract.ts";

/** What one layer says. */
export type Preference = RequestParams<"setPreference">["value"];

/** A layer as it is stored. */
export type StoredLayer = RequestResult<"getPreferences">[number];
