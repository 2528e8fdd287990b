import { expect, test } from "vitest";

import { touched } from "./mosaic";
import { best, fitted } from "./press";

/** A picture whose bytes grow with its quality; counts how often it was tried. */
function encoder(bytes: number): { encode: (quality: number) => Promise<{ size: number }>; tries: () => number } {
  let tries = 0;
  return { tries: () => tries, encode: async (quality) => ({ size: ((tries += 1), Math.round(bytes * quality)) }) };
}

test("what is small enough at once is tried once", async () => {
  const small = encoder(100);
  expect((await best(small.encode, 100, false))?.size).toBe(82);
  expect(small.tries()).toBe(1);
});

test("the best quality that fits is found in five tries", async () => {
  const large = encoder(1000);
  const found = await best(large.encode, 600, false);
  expect(found!.size).toBeGreaterThan(500);
  expect(found!.size).toBeLessThanOrEqual(600);
  expect(large.tries()).toBe(5);
});

test("what fits at no quality has to be made smaller, unless it cannot be", async () => {
  expect(await best(encoder(1000).encode, 300, false)).toBeNull();
  expect((await best(encoder(1000).encode, 300, true))?.size).toBe(400);
});

test("twelve megapixels become 1600 along the longer side, whichever it is; small pictures stay as they are", () => {
  expect(fitted(4000, 3000, 1600)).toEqual([1600, 1200]);
  expect(fitted(3000, 4000, 1600)).toEqual([1200, 1600]);
  expect(fitted(640, 480, 1600)).toEqual([640, 480]);
});

test("a quick stroke of the finger leaves no gap between two of its moments", () => {
  const squares = touched({ x: 10, y: 50 }, { x: 210, y: 50 }, 10, 10);
  expect(new Set(squares.map(([column]) => column)).size).toBe(23);
});
