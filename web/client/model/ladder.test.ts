import { expect, test } from "vitest";

import { ladder } from "./ladder";

const facts = { outcome: null, pictures: 2, picturesLeft: 2, seen: false } as const;

test("P4 an entry climbs from the phone to text, photos and being seen", () => {
  expect(ladder(facts).rung).toBe("phone");
  expect(ladder({ ...facts, outcome: "applied" }).rung).toBe("text");
  expect(ladder({ ...facts, outcome: "applied", picturesLeft: 1 }).rung).toBe("text");
  expect(ladder({ ...facts, outcome: "merged", picturesLeft: 0 }).rung).toBe("photos");
  expect(ladder({ ...facts, outcome: "merged", picturesLeft: 0, seen: true }).rung).toBe("seen");
});

test("P4 nobody is told that it was seen before its pictures have arrived", () => {
  expect(ladder({ ...facts, outcome: "applied", picturesLeft: 1, seen: true }).rung).toBe("text");
});

test("P4 an entry without pictures has no rung for them", () => {
  expect(ladder({ outcome: "applied", pictures: 0, picturesLeft: 0, seen: true })).toEqual({ rung: "seen", rungs: ["phone", "text", "seen"], stop: null });
});

test("held and refused are said as what they are", () => {
  expect(ladder({ ...facts, outcome: "held" }).stop).toBe("held");
  expect(ladder({ ...facts, outcome: "refused" })).toMatchObject({ stop: "refused", rung: "phone" });
});

test("P4 an entry of which only a voice note travels is told so", () => {
  const said = { outcome: "applied", pictures: 1, voices: 1, picturesLeft: 0, seen: false } as const;
  expect(ladder(said)).toMatchObject({ rung: "photos", sound: true });
  expect(ladder({ ...said, pictures: 3 }).sound).toBeUndefined();
  expect(ladder({ ...said, pictures: 0, voices: 0 }).sound).toBeUndefined();
});
