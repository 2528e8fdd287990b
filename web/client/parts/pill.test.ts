import { expect, test } from "vitest";

import { pill, type PillFacts } from "./pill";

const none = { unsent: 0, pictures: 0, confirmed: 0, refused: 0, held: 0, oldest: null };
const calm: PillFacts = { line: "idle", counts: none, syncedAt: 1, alarm: null };

test.each<[string, Partial<PillFacts>, string]>([
  ["everything sent", {}, "已同步"],
  ["unsent", { counts: { ...none, unsent: 3 } }, "还有3条没传"],
  ["unsent without a line", { line: "offline", counts: { ...none, unsent: 3 } }, "还有3条没传"],
  ["no line", { line: "offline" }, "没信号,照常用"],
  ["refused", { counts: { ...none, refused: 1, unsent: 2 } }, "有1条要看"],
  ["missing after a proof", { counts: { ...none, missing: 2 } }, "有2条要看"],
  ["photos under way", { counts: { ...none, pictures: 2 } }, "还有2张照片没传"],
  ["signed out", { line: "signed_out", counts: { ...none, unsent: 1 } }, "请登录"],
  ["something was lost", { alarm: {} }, "请马上看"],
])("the pill is true: %s", (_name, facts, words) => {
  expect(pill({ ...calm, ...facts }).words).toBe(words);
});
