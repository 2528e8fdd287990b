import { expect, test } from "vitest";

import { held, WHOLE, zoomed } from "./zoom";

const picture = { width: 390, height: 300 };
const screen = { width: 390, height: 844 };

test("what lies under the fingers stays under them", () => {
  const at = { x: 100, y: -50 };
  const { scale, x, y } = zoomed(WHOLE, 2, at);
  expect([scale, (at.x - x) / scale, (at.y - y) / scale]).toEqual([2, at.x, at.y]);
});

test("a picture is never smaller than whole, never larger than six times", () => {
  expect(zoomed(WHOLE, 0.2, { x: 0, y: 0 }).scale).toBe(1);
  expect(zoomed(WHOLE, 40, { x: 0, y: 0 }).scale).toBe(6);
});

test("it cannot be pushed off the screen, and whole it stands in the middle", () => {
  expect(held({ scale: 2, x: 900, y: 900 }, picture, screen)).toEqual({ scale: 2, x: 195, y: 0 });
  expect(held({ scale: 1, x: 50, y: 50 }, picture, screen)).toEqual(WHOLE);
});
