import { expect, test } from "vitest";

import { derived } from "./derived";

test("M9 an id that follows from what it is about is the same here and on the server", async () => {
  expect(await derived("task", "a", "柳湾里")).toBe("e9d6ab01-2a2c-5d5d-9f07-6c89ffe9eb03"); // sync.ids.derived
});
