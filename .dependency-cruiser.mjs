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
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-undeclared-packages",
      severity: "error",
      from: { path: "^src/" },
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
