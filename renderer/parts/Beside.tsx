import { Component, Suspense, type ReactNode } from "react";
import { useWindow } from "../state.ts";
import { fetchAnew } from "./fetch-anew.ts";

interface BesideProps {
  readonly children: ReactNode;
  readonly onBroken?: () => void;
}

/**
 * What stands beside the screens and is fetched when it is wanted: nothing is seen of it before, nor where it cannot
 * be drawn; the rest stays. Tried again when the host tells everything anew: then it was away, and has come back.
 */
export function Beside(props: BesideProps) {
  const told = useWindow(({ bridge }) => bridge?.host);
  return <Boundary {...props} told={told} />;
}

class Boundary extends Component<BesideProps & { readonly told: unknown }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(): void {
    fetchAnew();
    this.props.onBroken?.();
  }

  override componentDidUpdate({ told }: { readonly told: unknown }): void {
    if (this.state.broken && told !== this.props.told) this.setState({ broken: false });
  }

  override render(): ReactNode {
    return this.state.broken ? null : <Suspense>{this.props.children}</Suspense>;
  }
}
