// First of all, so that the host answers while the rest begins.
import "./bridge/early-socket.ts";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { openCarrier } from "./bridge/carrier.ts";
import { bridgeClient } from "./bridge/client.ts";
import { startWindow } from "./state.ts";
import { languageFor } from "../src/bridge/language.ts";
import { speak } from "./texts/speech.ts";
import "./style/tokens.css";
import "./style/base.css";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
const told = startWindow(bridgeClient(openCarrier()));
// Drawn once, with what the host told and in the language that was chosen.
const { presentation } = await told;
await speak(languageFor(presentation.language, navigator.languages));
// In this same task: between two, the browser would draw an empty frame.
flushSync(() => createRoot(root).render(<App />));
