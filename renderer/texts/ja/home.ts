import type { Texts } from "../shape.ts";

export const home: Texts["home"] = {
  connect: "接続",
};
