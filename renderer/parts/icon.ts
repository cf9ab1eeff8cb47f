import type { ComponentType } from "react";

/** One icon of lucide-react, imported by itself: `import Copy from "lucide-react/icons/copy"`. */
export type Icon = ComponentType<{ readonly size?: string | number; readonly className?: string }>;
