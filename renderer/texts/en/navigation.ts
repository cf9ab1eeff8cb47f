export const navigation = {
  label: "Screens",
  home: "Home",
  path: "Path",
  preferences: "Preferences",
  manual: "Manual",
  health: "Health",
  settings: "Settings",
  more: "More",
};
