/** What goes first, what goes again, and what may leave the phone. */

import { beforeEach, expect, test } from "vitest";

import { BOOK, freshDatabase, ME, report, steadyClock } from "../testing/fakes";
import type { Database } from "./database";
import { getDraft, keepBytes, putDraft, replacePicture } from "./drafts";
import type { Draft, Picture, Voice } from "./rows";
import { save, type NewEdit } from "./save";
import { makeRoom } from "./space";
import { allDelivered, confirmUpload, dueUploads, freight, nextUpload, noteUpload, putBack, spare } from "./uploads";

let db: Database;
beforeEach(() => void (db = freshDatabase()));

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;
const picture = (name: string): Picture => (
  { sha256: name, preview: `${name}-small`, type: "image/jpeg", bytes: 9, preview_bytes: 3, width: 1, height: 1, taken_at: "2026-06-13T08:40:12.123Z" });
const voice: Voice = { sha256: "said", type: "audio/webm", bytes: 5, ms: 900, wave: [1, 31], taken_at: "2026-06-13T08:40:12.123Z" };
const draft = (id = "d"): Draft => ({
  id, kind: "report", record: "r", base: null, book: BOOK, category: null, severity: "normal", note: "", place_id: null, place_guess: BOOK,
  place_note: "", gps: null, until: null, pictures: [], changed_at: 1,
});
const shot = (name: string) => ({ picture: picture(name), full: bytes(`${name}:full`), preview: bytes(name) });

async function written(record: string, edit: Partial<NewEdit>): Promise<string> {
  for (const each of edit.pictures ?? []) await db.bytes.bulkPut([each.sha256, each.preview].map((sha256) => ({ sha256, type: each.type, pulled_for: null, data: bytes(sha256) })));
  for (const each of edit.voices ?? []) await db.bytes.put({ sha256: each.sha256, type: each.type, pulled_for: null, data: bytes(each.sha256) });
  const change = await save(db, ME, { ...report(record), ...edit }, steadyClock());
  return change.id;
}

test("P1 previews of all entries go first, then what was said, then full pictures, the oldest entry first", async () => {
  await written("one", { pictures: [picture("a")], voices: [voice] });
  await written("two", { pictures: [picture("b")] });
  await db.outbox.clear();
  expect((await dueUploads(db)).map((row) => row.sha256)).toEqual(["a-small", "b-small", "said", "a", "b"]);
});

test("P1 no full picture goes while text is waiting, nor while its owner wants none to go", async () => {
  await written("one", { pictures: [picture("a")] });
  await db.outbox.clear();
  await confirmUpload(db, "a-small");
  expect(await nextUpload(db, new Set(), false)).toBeNull();
  expect((await nextUpload(db, new Set(), true))?.sha256).toBe("a");
  await written("two", {});
  expect(await nextUpload(db, new Set(), true)).toBeNull();
});

test("P2 what the server misses goes out again, if the phone still has it", async () => {
  await written("one", { pictures: [picture("a"), picture("b")] });
  for (const each of ["a", "b", "a-small", "b-small"]) await confirmUpload(db, each);
  await db.bytes.delete("b");
  expect(await allDelivered(db)).toBe(true);
  expect(await putBack(db, ["a", "b", "never heard of"])).toBe(1);
  expect((await dueUploads(db)).length + (await db.outbox.count())).toBe(1);
  expect((await db.uploads.get("b"))?.state).toBe("done");
});

test("P2 only what the server says it has leaves the phone, and previews stay", async () => {
  await written("one", { pictures: [picture("here"), picture("gone")], voices: [voice] });
  await written("two", { pictures: [picture("waiting")] });
  for (const each of ["here", "gone", "said", "here-small", "gone-small"]) await confirmUpload(db, each);
  await db.bytes.put({ sha256: "others", type: "image/jpeg", pulled_for: "r", data: bytes("others") });
  const found = await spare(db);
  expect(found.map((each) => each.sha256).sort()).toEqual(["gone", "here", "others", "said"]);
  const freed = await makeRoom(db, found, async (sha256) => (sha256 === "said" ? null : sha256 === "here"));
  expect(freed).toMatchObject({ count: 2, offline: true });
  expect((await db.bytes.toCollection().primaryKeys()).sort()).toEqual(["gone", "gone-small", "here-small", "said", "waiting", "waiting-small"]);
});

test("P2 a picture that is needed again in the meantime does not leave", async () => {
  await written("one", { pictures: [picture("a")] });
  await confirmUpload(db, "a");
  const found = await spare(db);
  await makeRoom(db, found, async () => {
    await putBack(db, ["a"]);
    return true;
  });
  expect(await db.bytes.get("a")).toBeDefined();
});

test("what is on its way is told in bytes and pieces, and what cannot go is told apart", async () => {
  await written("one", { pictures: [picture("a"), picture("b"), picture("c")], voices: [voice] });
  await noteUpload(db, "b", { state: "lost" });
  await noteUpload(db, "c", { state: "refused" });
  expect(await freight(db)).toMatchObject({ pictures: 1, voices: 1, bytes: 9 + 3 * 3 + 5, fullBytes: 9, lost: 1, refused: [{ sha256: "c" }] });
});

async function drawn(id: string): Promise<Draft> {
  const made = { ...draft(id), pictures: [picture("plain")] };
  await keepBytes(db, shot("plain"));
  await putDraft(db, made);
  return made;
}

test("打码: the plain picture's bytes leave the phone in the stroke that keeps the covered one", async () => {
  await replacePicture(db, await drawn("d"), "plain", shot("covered"));
  expect((await db.bytes.toCollection().primaryKeys()).sort()).toEqual(["covered", "covered-small"]);
  expect((await getDraft(db, "d"))?.pictures.map((each) => each.sha256)).toEqual(["covered"]);
});

test("打码: bytes that another form names stay", async () => {
  await drawn("other");
  await replacePicture(db, await drawn("d"), "plain", shot("covered"));
  expect(await db.bytes.get("plain")).toBeDefined();
});

test("P2 a picture of one's own takes the place of the server's copy of it, which has other bytes under the same name", async () => {
  await db.bytes.put({ sha256: "plain-small", type: "image/jpeg", pulled_for: "r", data: bytes("encoded anew") });
  await drawn("d");
  expect(await db.bytes.get("plain-small")).toMatchObject({ pulled_for: null, data: bytes("plain") });
});
