import type { ReactNode } from "react";

/** Words that only a screen reader says, each time they change: that something began, is done, or is of no use. */
export function StatusText({ children }: { readonly children: ReactNode }) {
  return (
    <div role="status" className="visually-hidden">
      {children}
    </div>
  );
}
