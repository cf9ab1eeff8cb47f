/** How much something matters: it stops, it wants a decision, it is good to know. */
export type Tone = "stop" | "warn" | "info";
