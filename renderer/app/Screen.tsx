import { fetched } from "../parts/fetched.tsx";
import { Home } from "../screens/home/Home.tsx";
import { More } from "../screens/more/More.tsx";
import type { ScreenName } from "../screen-names.ts";

const Path = fetched(async () => (await import("../screens/path/Path.tsx")).Path);
const Preferences = fetched(async () => (await import("../screens/preferences/Preferences.tsx")).Preferences);
const Manual = fetched(async () => (await import("../screens/manual/Manual.tsx")).Manual);
const Health = fetched(async () => (await import("../screens/health/Health.tsx")).Health);
const Settings = fetched(async () => (await import("../screens/settings/Settings.tsx")).Settings);

/** A screen by its name. All but the first are fetched when they are first wanted. */
export function Screen({ name }: { readonly name: ScreenName }) {
  switch (name) {
    case "home":
      return <Home />;
    case "path":
      return <Path />;
    case "preferences":
      return <Preferences />;
    case "manual":
      return <Manual />;
    case "health":
      return <Health />;
    case "settings":
      return <Settings />;
    case "more":
      return <More />;
  }
}
