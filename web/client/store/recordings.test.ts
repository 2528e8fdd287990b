import { beforeEach, expect, test, vi } from "vitest";

import { freshDatabase } from "../testing/fakes";
import type { Database } from "./database";
import { binDraft, getDraft, putDraft } from "./drafts";
import { findHalfSaid, keepPiece, together, type Piece } from "./recordings";
import type { Draft } from "./rows";

let db: Database;

vi.stubGlobal("navigator", {}); // a browser without locks: nobody else can be speaking

beforeEach(async () => {
  db = freshDatabase();
  await putDraft(db, draft("form"));
});

function draft(id: string, voices: Draft["voices"] = []): Draft {
  return {
    id, kind: "report", record: "r", base: null, book: "g", category: null, severity: "normal", note: "", place_id: null, place_guess: "g",
    place_note: "", gps: null, until: null, pictures: [], voices, changed_at: 1,
  };
}

function piece(nth: number): Piece {
  const levels = Array.from({ length: nth * 5 }, (_, at) => at % 32);
  return { data: new Uint8Array([nth, nth]).buffer, type: "audio/webm", ms: nth * 500, levels, taken_at: "2026-06-13T08:40:12Z" };
}

async function said(pieces: number): Promise<void> {
  for (let nth = 1; nth <= pieces; nth += 1) await keepPiece(db, "form", nth, piece(nth));
}

const left = (): Promise<number> => db.meta.where("key").startsWith("recording:").count();

test("L4 what was being said when the phone died comes into its form, in the order in which it was said", async () => {
  await said(12);
  await findHalfSaid(db);
  const [voice] = (await getDraft(db, "form"))!.voices!;
  expect(voice).toMatchObject({ ms: 6000, bytes: 24, type: "audio/webm" });
  expect([...new Uint8Array((await db.bytes.get(voice!.sha256))!.data)].filter((_, at) => at % 2)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(await left()).toBe(0);
  await findHalfSaid(db);
  expect((await getDraft(db, "form"))!.voices).toHaveLength(1);
});

test("what came whole into its form in the last moment does not come a second time", async () => {
  await said(3);
  const whole = await together([1, 2, 3, 4].map(piece));
  await putDraft(db, draft("form", [whole!.voice]));
  await findHalfSaid(db);
  expect((await getDraft(db, "form"))!.voices).toEqual([whole!.voice]);
  expect(await left()).toBe(0);
});

test("a touch of the button is no note, and what belongs to a form in the bin goes with it", async () => {
  expect(await together([{ ...piece(1), ms: 400 }])).toBeNull();
  await said(3);
  await binDraft(db, "form", 1);
  await findHalfSaid(db);
  expect([await left(), await db.bytes.count()]).toEqual([0, 0]);
});

test("L4 what was said about a record, and in no form, comes to its record, or lies there until it does", async () => {
  for (let nth = 1; nth <= 3; nth += 1) await keepPiece(db, "round", nth, piece(nth));
  const heard: [string, number][] = [];
  for (const kept of [false, true]) {
    await findHalfSaid(db, async (record, { voice }) => {
      heard.push([record, voice.ms]);
      return kept;
    });
    expect(await left()).toBe(kept ? 0 : 3);
  }
  expect(heard).toEqual([["round", 1500], ["round", 1500]]);
});
