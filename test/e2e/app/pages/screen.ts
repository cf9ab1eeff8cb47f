/** What all screens of the app share: the way between them, messages, and what a screen reader would be told. */
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "playwright";

export const SCREENS = ["Home", "Path", "Preferences", "Manual", "Health", "Settings"] as const;
export type ScreenName = (typeof SCREENS)[number];

/** From this width on, in pixels, every screen has a place of its own in the bar. */
const WIDE = 720;

/** Where a screen is in a narrow window: the place in the bar, and what leads on from there. */
const WAYS: Readonly<Record<ScreenName, readonly string[]>> = {
  Home: ["Home"],
  Path: ["Path", "Why this path"],
  Preferences: ["Path", "Preferences"],
  Manual: ["Manual"],
  Health: ["More", "Health"],
  Settings: ["More", "Settings"],
};

/** Goes to a screen in English, as a person does. */
export async function goTo(page: Page, screen: ScreenName): Promise<void> {
  const isWide = (page.viewportSize()?.width ?? 0) >= WIDE;
  const [place = "", next] = isWide ? [screen] : WAYS[screen];
  await page.getByRole("navigation", { name: "Screens" }).getByRole("button", { name: place }).click();
  if (next !== undefined) await page.getByRole("button", { name: next }).first().click();
}

/** What asks something, or shows more, above a screen. */
export const DIALOG = "[role=dialog], [role=alertdialog]";

/** Leaves the one that is open, as a person does who has looked at it. */
export async function leaveDialog(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.locator(DIALOG).waitFor({ state: "detached" });
}

/** A short message with its Undo. */
export function message(page: Page, text: string | RegExp): Locator {
  return page.getByRole("region", { name: "Messages" }).locator("div").filter({ hasText: text }).first();
}

/**
 * Every rule of WCAG 2.2 A and AA that axe can check and that this page breaks, each with the place. `within`: a
 * selector of the only part to be looked at.
 */
export async function brokenRules(page: Page, within?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page }).withTags([
    ...["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  ]);
  const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
}

/** The same in both themes, in turn, each with its name. */
export async function brokenInBothThemes(page: Page, within?: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-appearance=${colorScheme}]`).waitFor();
    found.push(...(await brokenRules(page, within)).map((rule) => `${colorScheme}: ${rule}`));
  }
  return found;
}
