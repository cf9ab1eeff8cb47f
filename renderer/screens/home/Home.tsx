import { useWindow } from "../../state.ts";

export function Home() {
  const agent = useWindow((window) => window.bridge?.agent);
  return <main>{agent?.state === "ready" ? agent.snapshot.tunnel.state : agent?.state}</main>;
}
