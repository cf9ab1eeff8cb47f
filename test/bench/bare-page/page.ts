/** The least that React can show: what the first screen is compared with. */
import { createElement } from "react";
import { createRoot } from "react-dom/client";

// This program's types know no browser: the page is the only file here that runs in one.
const { document } = globalThis as unknown as {
  document: { getElementById(id: string): Parameters<typeof createRoot>[0] };
};
createRoot(document.getElementById("root")).render(
  createElement("main", null, createElement("button", null, "A button")),
);
