/** Where the installed service listens, by the system's name for its platform. */
export function serviceSocket(platform: NodeJS.Platform): string {
  switch (platform) {
    case "win32":
      return "\\\\.\\pipe\\nanami";
    case "darwin":
      return "/var/run/nanami/agent.sock";
    default:
      return "/run/nanami/agent.sock";
  }
}
