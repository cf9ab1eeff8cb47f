import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { openCarrier } from "./bridge/carrier.ts";
import { bridgeClient } from "./bridge/client.ts";
import { startWindow } from "./state.ts";
import { startTexts } from "./texts/start.ts";
import "./style/tokens.css";
import "./style/base.css";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
await startTexts();
startWindow(bridgeClient(openCarrier()));
createRoot(root).render(<App />);
