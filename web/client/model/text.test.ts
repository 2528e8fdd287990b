import { expect, test } from "vitest";

import { clean, wellFormed } from "./text";

test("NUL characters are taken out and lone surrogates are replaced", () => {
  expect(wellFormed("楼\u0000道")).toBe("楼道");
  expect(wellFormed("a\uD83Db\uDE00c")).toBe("a\uFFFDb\uFFFDc");
  expect(wellFormed("😀好")).toBe("😀好");
});

test("every text inside a value is cleaned, keys too", () => {
  expect(clean({ "k\u0000": [{ text: "x\u0000" }, 1, null, true] })).toEqual({ k: [{ text: "x" }, 1, null, true] });
});
