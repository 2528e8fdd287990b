import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { lacks, leftFor, nearOf, nextOf, runningAt, stateOf, swapsOf } from "./shift";
import type { View } from "./overlay";
import type { Fields } from "./wire";

interface Vectors {
  me: string;
  start: string;
  minutes: number[];
  synced: (number | null)[];
  shifts: { fields: Fields; states: string[]; lacks: number }[];
}

const vectors = JSON.parse(readFileSync(new URL("../../../tests/vectors/shifts.json", import.meta.url), "utf8")) as Vectors;
const START = Date.parse(vectors.start);

describe("how a shift stands", () => {
  it("is what the server says of it", () => {
    for (const { fields, states, lacks: missing } of vectors.shifts) {
      const found = vectors.minutes.flatMap((at) => vectors.synced.map((said) => (
        stateOf({ fields }, vectors.me, START + at * 60_000, said === null ? null : START + said * 60_000))));
      expect([found, lacks({ fields })]).toEqual([states, missing]);
    }
  });
});

function shift(id: string, from: number, to: number, more: Fields = {}): View {
  const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();
  const fields: Fields = { kind: "school", start: at(from), end: at(to), required_n: 1, assignees: { me: { as: "planned" } }, ...more };
  return { id, type: "shift", book: "post", seq: 1, schema: 1, fields, by: "x", made_at: at(0), changed_at: at(0), void: false, pending: 0, settled: [] };
}

describe("the next duty", () => {
  const early = shift("early", 0, 60);
  const late = shift("late", 300, 360);

  it("is the one that runs, then the one after it", () => {
    expect(nextOf([late, early], "me", START - 60_000)?.id).toBe("early");
    expect(nextOf([late, early], "me", START + 59 * 60_000)?.id).toBe("early");
    expect(nextOf([late, early], "me", START + 61 * 60_000)?.id).toBe("late");
    expect(nextOf([late, early], "her", START)).toBeNull();
  });

  it("stays the one that somebody is on until they go", () => {
    const on = shift("early", 0, 60, { check_in_at: { me: vectors.start } });
    expect(nextOf([late, on], "me", START + 70 * 60_000)?.id).toBe("early");
    const gone = shift("early", 0, 60, { check_in_at: { me: vectors.start }, check_out_at: { me: vectors.start } });
    expect(nextOf([late, gone], "me", START + 10 * 60_000)?.id).toBe("late");
  });

  it("may be joined by somebody who was not planned, while it runs", () => {
    expect(runningAt([early, late], "her", START + 60_000).map((each) => each.id)).toEqual(["early"]);
    expect(runningAt([early, late], "me", START + 60_000)).toEqual([]);
  });

  it("shows what the one before left", () => {
    const noted = shift("early", 0, 60, { handover: [{ text: "cone", by: "her", at: vectors.start, change: "c" }] });
    expect(leftFor([late, noted], late).map((each) => each.text)).toEqual(["cone"]);
  });
});

describe("near the post", () => {
  const plan: Fields = { point: { lat: 30, lon: 125 }, near_metres: 200 };
  const north = (metres: number, accuracy: number) => ({ lat: 30 + metres / 111_195, lon: 125, accuracy });

  it("is yes, no, or not known, and generous", () => {
    expect(nearOf(north(150, 10), plan)).toBe("yes");
    expect(nearOf(north(230, 40), plan)).toBe("yes");
    expect(nearOf(north(350, 20), plan)).toBe("unknown");
    expect(nearOf(north(900, 20), plan)).toBe("no");
    expect(nearOf(null, plan)).toBe("unknown");
    expect(nearOf(north(0, 5), {})).toBe("unknown");
  });
});

describe("a swap", () => {
  it("carries both answers", () => {
    const asked = shift("s", 0, 60, { swaps: { "me~her": { from: "me", to: "her" } }, swap_agreed: { "me~her": { ok: true } } });
    expect(swapsOf(asked)).toEqual([{ key: "me~her", from: "me", to: "her", agreed: true, approved: null }]);
  });
});
