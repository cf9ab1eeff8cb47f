/** What a narrow window cuts off, or lets one look for sideways (WCAG 2.2, 1.4.10). */
import type { Page } from "playwright";

/**
 * Everything that is seen and reaches beyond the window's sides, or is wider than the place that holds it: what scrolls
 * sideways, and what is clipped. What stands in a field of one line may.
 */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(${LOOK})()`);
}

/** Runs in the page. Of what lies one in the other only the outermost is told, and the innermost that is to blame. */
const LOOK = `() => {
  const named = (one) => {
    const said = (one.getAttribute("aria-label") ?? one.textContent).trim().replace(/\\s+/g, " ").slice(0, 40);
    return one.tagName.toLowerCase() + " “" + said + "”";
  };
  const isClipped = (one) => one !== null && (getComputedStyle(one).clipPath !== "none" || isClipped(one.parentElement));
  const isSeen = (one) => {
    const { width, height } = one.getBoundingClientRect();
    return width > 2 && height > 2 && one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const seen = [...document.querySelectorAll("body *")].filter(
    (one) => isSeen(one) && !isClipped(one) && one.matches(":not(input, svg *)"),
  );
  const told = [];
  return seen.flatMap((one) => {
    if (told.some((outer) => outer.contains(one))) return [];
    const { left, right } = one.getBoundingClientRect();
    const isHeld = getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
    if (!isHeld && left >= -1 && right <= innerWidth + 1) return [];
    told.push(one);
    const end = Math.min(right, innerWidth) + 1;
    const inner = seen.findLast((other) => one.contains(other) && other.getBoundingClientRect().right > end);
    return [(isHeld ? "wider than its place: " : "beyond the window: ") + named(one) + (inner ? ", by " + named(inner) : "")];
  });
}`;
