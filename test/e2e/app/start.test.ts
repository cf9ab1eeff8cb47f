/** The first frames of a window: what is pressed first, then what is looked at, and nothing moves on the way. */
import { expect, test } from "vitest";
import { CONNECTED, ENROLLED } from "../../bench/app-page.ts";
import { startStandIn } from "../host/stand-in.ts";
import { windowsForAll } from "./for-all-tests.ts";
import { Home } from "./pages/home.ts";

/** Notes for each frame, just before it is drawn, where the switch stands and whether the path does. */
const NOTE_FRAMES = `
  globalThis.frames = [];
  const note = () => {
    const control = document.querySelector('input[role="switch"]');
    const head = control?.closest("main")?.querySelector("h1");
    if (head != null)
      globalThis.frames.push({
        head: head.getBoundingClientRect().y,
        control: control.parentElement.getBoundingClientRect().toJSON(),
        path: document.querySelector("main ol") !== null,
      });
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
`;

interface Frame {
  readonly head: number;
  readonly control: Readonly<Record<string, number>>;
  readonly path: boolean;
}

const windows = windowsForAll();

test("the switch is there a frame before the path, and stays where it is when that follows", async () => {
  await using agent = await startStandIn(
    { ...ENROLLED, tunnel: CONNECTED },
    { gateways: () => Promise.resolve([]) },
  );
  const app = await windows.open(agent.socket, {
    prepare: async (page) => {
      await page.addInitScript(NOTE_FRAMES);
    },
  });
  await expect.poll(() => new Home(app.page).path()).not.toHaveLength(0);
  const frames = await app.page.evaluate<Frame[]>("globalThis.frames");
  const [first] = frames;
  expect(first?.path).toBe(false);
  expect(frames.filter(({ path }) => path).length).toBeGreaterThan(0);
  for (const { head, control } of frames)
    expect({ head, control }).toEqual({ head: first?.head, control: first?.control });
});
