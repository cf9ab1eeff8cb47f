import type { Page } from "playwright";

/** Notes whatever a browser's console should never say of this page. */
export function noteComplaints(page: Page, problems: string[]): void {
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || /content security policy/i.test(message.text()))
      problems.push(`console: ${message.text()}`);
  });
}

/**
 * Fails the test whose window said what no window of ours should say: an uncaught error, or a breach of the content
 * policy. Called wherever a window's test ends, so that no test has to remember it.
 */
export function failOnComplaints(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`the window complained: ${problems.join("; ")}`);
}
