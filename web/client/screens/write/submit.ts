/** From a filled-in form to one frozen change. */

import { app, clocks, db, me, wake } from "../../app";
import { TYPES } from "../../model/declared";
import { nextId } from "../../model/ids";
import type { Change, Fields } from "../../model/wire";
import type { Draft, Voice } from "../../store/rows";
import { save, takeBack, UNDO_MS, type NewEdit } from "../../store/save";
import { t } from "../../words";

/** How many reports were written on this phone. */
const REPORTS = "reports";
const EVENTS = new Set(["dispute", "noise", "help"]);
const SOURCES: Record<string, string> = {
  grid_worker: "grid_worker", volunteer: "steward", building_captain: "building_captain", school_guard: "school_guard",
};

export async function submit(draft: Draft, selfFixed = false): Promise<Change> {
  const edit = draft.kind === "report" ? reportEdit(draft, selfFixed) : answerEdit(draft);
  const change = await save(db(), me(), { ...edit, pictures: draft.pictures, voices: draft.voices ?? [], draft: draft.id, mends: draft.mends ?? [], undo: UNDO_MS }, clocks);
  wake();
  return change;
}

/** Within ten seconds: the change never happened, the form lies in the fault notebook again. */
export async function unsubmit(change: Change, draft: Draft): Promise<boolean> {
  return (await takeBack(db(), me(), change.id, Date.now(), draft)) !== null;
}

const commonOf = (draft: Draft) => ({ book: draft.book, record: draft.record, type: "case", schema: TYPES.case!.schema });

function answerEdit(draft: Draft): NewEdit {
  return { ...commonOf(draft), seen: draft.base!.seen, knew: draft.base!.knew, set: answerOf(draft) };
}

/** What the next form will want to know is written with it: each write of its own would keep the person waiting for the disk. */
function reportEdit(draft: Draft, selfFixed: boolean): NewEdit {
  const set = { ...reportOf(draft, selfFixed), ...(draft.more ?? {}) };
  const last_place = { book: draft.book, place: draft.place_id ?? draft.place_guess, at: Date.now() };
  const numbered = { key: REPORTS, words: (n: number): Fields => ({ temp_no: t("phone.report.temp_no", { n }) }) };
  return { ...commonOf(draft), create: true, seen: 0, knew: null, set, remember: { last_place }, ...(draft.more?.temp_no ? {} : { numbered }) };
}

function reportOf(draft: Draft, selfFixed: boolean): Fields {
  const set: Fields = {
    severity: draft.severity, captured_at: capturedAt(draft), source: sourceOf(),
    status: { from: null, to: selfFixed ? "resolved" : "reported", cycle: 1 },
  };
  if (selfFixed) set.self_fixed = true;
  if (draft.category) Object.assign(set, { category: draft.category, class: EVENTS.has(draft.category) ? "event" : "thing" });
  if (draft.category === "dispute") set.visibility = "restricted"; // nobody else's business, from its first moment
  if (draft.note.trim()) set.description = { text: draft.note.trim() };
  if (draft.place_id) set.place_id = draft.place_id;
  else set.place_guess = draft.place_guess;
  if (draft.place_note.trim()) set.place_note = draft.place_note.trim();
  if (draft.gps) set.gps = draft.gps;
  if (draft.pictures.length > 0) set.photos = photosOf(draft, "before");
  if (draft.voices?.length) set.voice = voiceOf(draft.voices);
  return set;
}

/** What is said about a case that is there already. A step travels with the fields that it requires (M13). */
function answerOf(draft: Draft): Fields {
  const { status, cycle } = draft.base!;
  const text = draft.note.trim();
  const set: Fields = {};
  if (draft.pictures.length > 0) set.photos = photosOf(draft, draft.kind === "resolve" ? "after" : "before");
  if (draft.voices?.length) set.voice = voiceOf(draft.voices);
  const mayStep = stepsOnTheWay(status).has(draft.kind === "hold" ? "on_hold" : "resolved");
  if (draft.kind === "resolve" && mayStep) {
    set.status = { from: status, to: "resolved", cycle };
    set.resolution = { text: text || t("phone.resolve.plain") };
  } else if (draft.kind === "hold" && mayStep) {
    set.status = { from: status, to: "on_hold", cycle };
    set.hold = { reason: text, until: draft.until };
  } else {
    if (draft.severity) set.severity = draft.severity;
    if (text) set.additions = { [nextId(null, Date.now())]: { text } };
    if (status === "needs_info") set.status = { from: status, to: "reported", cycle };
  }
  return set;
}

/** The case may have moved on while the form lay there: then its words are an addition, and no step. */
function stepsOnTheWay(status: string): Set<string> {
  return new Set((TYPES.case?.steps ?? []).filter((step) => step.from === status).map((step) => step.to));
}

function photosOf(draft: Draft, stage: "before" | "after"): Fields {
  return Object.fromEntries(draft.pictures.map(({ sha256, preview_bytes: _own, ...photo }) => [sha256, { stage, ...photo }]));
}

function voiceOf(voices: Voice[]): Fields {
  return Object.fromEntries(voices.map(({ sha256, ...voice }) => [sha256, { ...voice }]));
}

/** The first picture tells when it was seen; the clock is corrected by what was last measured. */
function capturedAt(draft: Draft): string {
  const at = Date.parse(draft.pictures[0]?.taken_at ?? "") || Date.now();
  return new Date(at - app.skew).toISOString();
}

function sourceOf(): string {
  const role = app.account?.session.account.roles.find((each) => each.role in SOURCES)?.role;
  return role ? SOURCES[role]! : "round";
}
