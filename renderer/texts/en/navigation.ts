export const navigation = {
  label: "Screens",
  home: "Home",
  path: "Path",
  preferences: "Preferences",
  manual: "Manual",
  health: "Health",
  settings: "Settings",
  more: "More",
  pathParts: "Path and preferences",
  why: "Why this path",
  about: {
    health: "Leak test, where traffic goes, log, diagnostics",
    settings: "Start, lockdown, appearance, language, about",
  },
  skip: "To the screen",
  agentAway: {
    title: "The Nanami service does not answer",
    text: "What was protected stays protected. What you see is what it said last; it comes back here by itself.",
    still: "If it does not come back, start it:",
  },
  broken: {
    title: "This screen could not be drawn",
    text: "The tunnel is not touched by this: it belongs to the service.",
    again: "Draw it again",
  },
};
