/** What findings say in Japanese, by their codes (docs/findings.md). Loaded when it is first wanted. */
export const FINDINGS_JA: Readonly<Record<string, string>> = {};
