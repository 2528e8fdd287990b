import { describe, expect, it } from "vitest";

import { asksWord, hangs, isFor, isFreshlyWithdrawn, markOf, wordsOf } from "./notice";
import type { BookRecord, Fields } from "./wire";

const NOW = Date.parse("2026-06-13T04:00:00.000Z");
const DAY = 86_400_000;

function notice(fields: Fields, changed = NOW): BookRecord {
  const at = new Date(changed).toISOString();
  const whole = { title: "停水", body: "明天停水", published_at: at, status: { status: "published", cycle: 1 }, ...fields };
  return { id: "n", type: "notice", book: "b", seq: 1, schema: 1, fields: whole as Fields, by: "a", made_at: at, changed_at: at, void: false };
}

describe("a notice on the phone", () => {
  it("comes down at its hour, also where nobody says so", () => {
    const until = notice({ expire_at: new Date(NOW + DAY).toISOString() });
    expect(hangs(until, NOW)).toBe(true);
    expect(hangs(until, NOW + DAY)).toBe(false);
    expect(hangs(notice({ status: { status: "withdrawn", cycle: 1 } }), NOW)).toBe(false);
  });

  it("is for everybody, or for the roles that it names", () => {
    expect(isFor(notice({}), ["volunteer"])).toBe(true);
    expect(isFor(notice({ audience: { school_guard: true } }), ["volunteer"])).toBe(false);
    expect(isFor(notice({ audience: { school_guard: true } }), ["volunteer", "school_guard"])).toBe(true);
    expect(isFor(notice({ audience: { school_guard: false } }), ["volunteer"])).toBe(true);
  });

  it("asks for a word for thirty days, while it hangs", () => {
    const asked = notice({ needs_ack: true });
    expect(asksWord(asked, NOW)).toBe(true);
    expect(asksWord(asked, NOW + 30 * DAY)).toBe(false);
    expect(asksWord(notice({}), NOW)).toBe(false);
  });

  it("is read in the reader's language where there is one, else as it was written", () => {
    const both = notice({ translations: { "en": { title: "No water", body: "No water tomorrow" } } });
    expect(wordsOf(both, "en")).toEqual({ title: "No water", body: "No water tomorrow", language: "en" });
    expect(wordsOf(both, "en-GB").language).toBe("en");
    expect(wordsOf(both, "zh-CN")).toEqual({ title: "停水", body: "明天停水", language: null });
    expect(wordsOf(notice({ translations: { en: { title: "Only a title" } } }), "en").body).toBe("明天停水");
  });

  it("is news again when it is withdrawn", () => {
    const up = notice({});
    const down = notice({ status: { status: "withdrawn", cycle: 1 } });
    expect(markOf(up)).not.toBe(markOf(down));
    expect(isFreshlyWithdrawn(down, NOW + DAY)).toBe(true);
    expect(isFreshlyWithdrawn(down, NOW + 8 * DAY)).toBe(false);
  });
});
