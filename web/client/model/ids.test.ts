import { expect, test } from "vitest";

import { madeAt, nextId, type RandomBytes } from "./ids";

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ones: RandomBytes = (count) => new Uint8Array(count).fill(255);

test("an id is a UUID of version 7 and carries its moment", () => {
  const id = nextId(null, 1_781_340_012_123);
  expect(id).toMatch(UUID7);
  expect(madeAt(id)).toBe(1_781_340_012_123);
});

test("X7 ids only grow while the clock stands still, runs back and jumps", () => {
  let last = nextId(null, 1_000_000, ones);
  for (const now of [1_000_000, 1_000_000, 999_000, 0, 2_000_000, 1_500_000, 1_500_000]) {
    const next = nextId(last, now);
    expect(next > last).toBe(true);
    expect(next).toMatch(UUID7);
    last = next;
  }
});

test("X7 a thousand ids in one millisecond are all different and ascending", () => {
  const ids: string[] = [];
  for (let n = 0; n < 1000; n += 1) ids.push(nextId(ids.at(-1) ?? null, 5_000));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(1000);
});
