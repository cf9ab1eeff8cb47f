import { lazy } from "react";
import { Home } from "../screens/home/Home.tsx";
import { More } from "../screens/more/More.tsx";
import type { ScreenName } from "../screen-names.ts";

const Path = lazy(() => import("../screens/path/Path.tsx").then(({ Path: Part }) => ({ default: Part })));
const Preferences = lazy(() =>
  import("../screens/preferences/Preferences.tsx").then(({ Preferences: Part }) => ({ default: Part })),
);
const Manual = lazy(() =>
  import("../screens/manual/Manual.tsx").then(({ Manual: Part }) => ({ default: Part })),
);
const Health = lazy(() =>
  import("../screens/health/Health.tsx").then(({ Health: Part }) => ({ default: Part })),
);
const Settings = lazy(() =>
  import("../screens/settings/Settings.tsx").then(({ Settings: Part }) => ({ default: Part })),
);

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
