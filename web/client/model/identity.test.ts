import { expect, test } from "vitest";

import vectors from "../../../tests/vectors/identity_numbers.json";
import { anyHolds, holdsOne, leftOut, withoutNumbers } from "./identity";

test.each(vectors.numbers.map((each) => [each.text, each.left]))("%s is kept as %s", (text, left) => {
  expect(leftOut(text)).toBe(left);
  expect(holdsOne(text)).toBe(text !== left);
});

test("it is left out of every text inside a value, and nothing else is touched", () => {
  const set = { note: { text: "110101199003070011 来过" }, more: [1, null, true, "110101199003070011"], at: "2026-06-13T08:40:12.123Z" };
  expect(withoutNumbers(set)).toStrictEqual({ note: { text: "××× 来过" }, more: [1, null, true, "×××"], at: set.at });
  expect([anyHolds(set), anyHolds(withoutNumbers(set)), anyHolds(undefined)]).toStrictEqual([true, false, false]);
});
