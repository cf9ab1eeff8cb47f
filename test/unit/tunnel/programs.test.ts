import { expect, test } from "vitest";
import { OperationError } from "../../../src/tunnel/operation-error.ts";
import { startFilter } from "../../../src/tunnel/linux/programs.ts";

test("a program that was started ahead does what it is told, and says what it could not do", async () => {
  await startFilter("ip", ["-batch", "-"]).finish("route show\n");
  const refused = startFilter("ip", ["-batch", "-"]).finish("route show\nroute add nonsense\n");
  await expect(refused).rejects.toThrow(OperationError);
  await expect(refused).rejects.toThrow(/nonsense/);
});

test("a program that was started ahead and is not needed ends without doing anything", async () => {
  await startFilter("ip", ["-batch", "-"]).abandon();
});
