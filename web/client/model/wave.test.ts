import { expect, test } from "vitest";

import { clock, levelOf, waveOf } from "./wave";

test("silence is 0, the loudest there is 31", () => {
  expect(levelOf(new Uint8Array(1024).fill(128))).toBe(0);
  expect(levelOf(Uint8Array.from({ length: 1024 }, (_, at) => (at % 2 ? 255 : 0)))).toBe(31);
});

test("a minute becomes sixty bars, each as high as its loudest moment; a short one keeps its own", () => {
  const minute = Array.from({ length: 600 }, (_, at) => (at % 10 === 3 ? 20 : 1));
  expect(waveOf(minute)).toEqual(Array(60).fill(20));
  expect(waveOf([3, 9])).toEqual([3, 9]);
  expect(waveOf([])).toEqual([]);
});

test("time is told in minutes and seconds", () => expect([clock(400), clock(7_000), clock(60_000)]).toEqual(["0:00", "0:07", "1:00"]));
