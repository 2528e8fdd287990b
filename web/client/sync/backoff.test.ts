import { expect, test } from "vitest";

import { backoff } from "./backoff";

test("each failure waits about twice as long, never more than five minutes, and never in step", () => {
  expect([1, 2, 3].map((n) => backoff(n, () => 1))).toEqual([2000, 4000, 8000]);
  expect(backoff(50, () => 1)).toBe(300_000);
  expect(backoff(3, () => 0)).toBe(4000);
});
