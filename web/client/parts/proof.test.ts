import { expect, test } from "vitest";

import type { Counts } from "../store/entries";
import { t } from "../words";
import { proofState } from "./proof";

const none: Counts = { unsent: 0, pictures: 0, confirmed: 3, refused: 0, held: 0, oldest: null };
const proof = { at: 1, epoch: "e", count: 3, missing: [], stuck: false };
const said = (...given: Parameters<typeof proofState>): string => {
  const { words, n } = proofState(...given);
  return t(words, { n });
};

test("that nothing is missing is said only while it is true", () => {
  expect(said(proof, "e", none)).toBe("都到了,一条没少");
  expect(said(proof, "e", { ...none, unsent: 1 })).toBe("还有1条在手机上");
  expect(said(proof, "e", { ...none, pictures: 2 })).toBe("文字都到了,还有2张照片在路上");
  expect(said(proof, "e", { ...none, pictures: 2, voices: 1 })).toBe("文字都到了,还有2个照片语音在路上");
  expect(said(proof, "e", { ...none, spoilt: 1 })).toBe("文字都到了,有1个照片语音没传成");
  expect(said(proof, "e", { ...none, refused: 1 })).toBe("都传到了,有1条没收下,要您看");
  expect(said(proof, "after a restore", none)).toBe("还没和服务器对过");
  expect(said(null, "e", none)).toBe("还没和服务器对过");
});

test("what is missing is named before anything else is claimed", () => {
  expect(said({ ...proof, missing: ["a", "b"] }, "e", { ...none, unsent: 2 })).toBe("少了2条,已放回去重传");
  expect(said({ ...proof, missing: ["a"], stuck: true }, "e", none)).toBe("有1条重传了还是对不上");
  expect(proofState({ ...proof, missing: ["a"] }, "e", none).claim).toBe(false);
});
