import { expect, test } from "vitest";
import { scopeCall } from "../../../src/tunnel/linux/scope.ts";

test("the scope holds the one process, is named by it, and is forgotten when it ends", () => {
  const { destination, interface: of, member, signature, body } = scopeCall(4711, "nanami0");
  expect([destination, of, member, signature]).toEqual([
    "org.freedesktop.systemd1",
    "org.freedesktop.systemd1.Manager",
    "StartTransientUnit",
    "ssa(sv)a(sa(sv))",
  ]);
  const [name, mode, properties, aux] = body ?? [];
  expect(name).toBe("nanami-nanami0-4711.scope");
  expect(mode).toBe("fail");
  expect(properties).toEqual(
    expect.arrayContaining([
      ["PIDs", ["au", [4711]]],
      ["CollectMode", ["s", "inactive-or-failed"]],
    ]),
  );
  expect(aux).toEqual([]);
});
