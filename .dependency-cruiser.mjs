/**
 * The table of rooms: who may import whom. A room that is not listed for another may not be imported by it.
 * The prose version, with the reasons, is in CONTRIBUTING.md.
 */
const mayImport = {
  routing: [],
  wireguard: [],
  api: ["routing"],
  rpc: ["routing", "wireguard"],
  tunnel: ["wireguard"],
  agent: ["tunnel", "routing", "wireguard", "api", "rpc"],
  "control-plane": ["routing", "wireguard", "api"],
  gateway: ["wireguard", "api"],
  cli: ["rpc", "wireguard", "routing"],
  bridge: ["rpc", "routing"],
  face: ["bridge", "rpc", "routing", "api"],
  "bridge-host": ["face", "bridge", "rpc"],
};

/** Rooms without I/O and without a clock: no Node module at all. */
const pure = ["routing", "wireguard"];

export default {
  forbidden: [
    ...Object.entries(mayImport).map(([room, allowed]) => ({
      name: `${room}-imports`,
      comment: `src/${room} may import ${allowed.length === 0 ? "no other room" : allowed.join(", ")}`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: "^(src|test)/", pathNot: `^src/(${[room, ...allowed].join("|")})/` },
    })),
    {
      name: "pure-rooms",
      comment: "routing and wireguard do no I/O and know no clock",
      severity: "error",
      from: { path: `^src/(${pure.join("|")})/` },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|buffer)$" },
    },
    {
      name: "product-never-imports-lab-or-launch",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(lab|launch)/" },
      to: { path: "^src/(lab|launch)/" },
    },
    {
      name: "bridge-knows-no-transport",
      comment: "a window gets the contract with the agent, never what talks to it",
      severity: "error",
      from: { path: "^src/bridge/" },
      to: { path: "^src/rpc/(client|server|framing|messages|socket-path)" },
    },
    {
      name: "electron-imports",
      comment: "electron may import face, bridge, rpc",
      severity: "error",
      from: { path: "^electron/" },
      to: { path: "^(src|test|renderer)/", pathNot: "^src/(face|bridge|rpc)/" },
    },
    {
      name: "renderer-imports",
      comment: "renderer may import bridge, and types of rpc and routing",
      severity: "error",
      from: { path: "^renderer/" },
      to: { path: "^(src|test|electron)/", pathNot: "^src/bridge/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "renderer-types",
      severity: "error",
      from: { path: "^renderer/" },
      to: { path: "^(src|test|electron)/", pathNot: "^src/(bridge|rpc|routing)/" },
    },
    {
      name: "product-core-never-imports-the-app",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(electron|renderer)/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-undeclared-packages",
      severity: "error",
      from: { path: "^(src|electron|renderer)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
