/** Making, opening and keeping drafts: whatever is typed is on disk before the next keystroke. */

import { shallowRef, type ShallowRef } from "vue";

import { books, db, me, writable } from "../../app";
import { standpoint } from "../../model/case";
import { nextId } from "../../model/ids";
import type { Fields } from "../../model/wire";
import { NotSaved } from "../../store/database";
import { getDraft, isEmpty, listDrafts, putDraft, replacePicture, type Said, type Shot } from "../../store/drafts";
import { one } from "../../store/reads";
import type { Draft, DraftKind } from "../../store/rows";
import { heldDraft, holdBytes, holdDraft, keepDraft } from "../../store/unkept";

const RECENT_MS = 2 * 3_600_000;

function blank(kind: DraftKind, record: string, book: string): Draft {
  return {
    id: nextId(null, Date.now()), kind, record, base: null, book, category: null, severity: "normal", note: "",
    place_id: null, place_guess: book, place_note: "", gps: null, until: null, pictures: [], changed_at: Date.now(),
  };
}

/** On disk before it is shown; a phone that is full shows it all the same, and says so. */
async function begin(draft: Draft): Promise<void> {
  try {
    await putDraft(db(), draft);
  } catch (error) {
    if (!(error instanceof NotSaved)) throw error;
    holdDraft(draft);
  }
}

/** A new report, or the empty one that is still lying there. The place is already filled in. */
export async function newReport(): Promise<Draft> {
  const lying = (await listDrafts(db())).find((draft) => draft.kind === "report" && isEmpty(draft));
  const last = await db().get<{ book: string; place: string; at: number }>("last_place");
  const mine = writable().map((each) => each.book);
  const recent = last && Date.now() - last.at < RECENT_MS && mine.includes(last.book) ? last : null;
  const book = recent?.book ?? mine[0] ?? books()[0]?.book ?? "";
  const made = blank("report", nextId(null, Date.now()), book);
  const draft = { ...made, id: lying?.id ?? made.id, place_guess: recent?.place ?? stairwayOf(book) ?? book };
  await begin(draft);
  return draft;
}

/** Of a building captain's book the own stairway: it is right nine times of ten. */
function stairwayOf(book: string): string | null {
  const unit = books().find((each) => each.book === book)?.scope?.unit;
  return typeof unit === "string" ? unit : null;
}

/** A report about a place that is known, with what it says without being asked (`more`). */
export async function reportAt({ book, place, category, more }: { book: string; place: string; category: string | null; more: Fields }): Promise<Draft> {
  const draft = { ...blank("report", nextId(null, Date.now()), book), place_id: place, place_guess: place, category, more };
  await begin(draft);
  return draft;
}

/** A form about a case that is there; one that was begun before is gone on with. */
export async function formFor(kind: DraftKind, record: string): Promise<Draft | null> {
  const begun = (await listDrafts(db())).find((draft) => draft.kind === kind && draft.record === record);
  if (begun) return begun;
  const found = await one(db(), record, me());
  if (!found) return null;
  const draft = { ...blank(kind, record, found.view.book), severity: "", base: await baseOf(record) };
  await begin(draft);
  return draft;
}

/** What the form should know of its case now: after the person was shown that they had written newer words. */
export async function baseOf(record: string): Promise<Draft["base"]> {
  const found = await one(db(), record, me());
  if (!found) return null;
  const { status, cycle } = standpoint(found.view);
  return { seen: found.seen, knew: found.knew, status: status ?? "", cycle };
}

export interface Notebook {
  draft: ShallowRef<Draft | null>;
  /** False once the browser would not write: the words stay on the screen and say so. */
  kept: ShallowRef<boolean>;
  change(patch: Partial<Draft>): Promise<void>;
  /** Whatever is being written has been; what could not be is tried once more. */
  settle(): Promise<void>;
  add(shot: Shot): Promise<void>;
  replace(old: string, shot: Shot): Promise<void>;
  /** True once it is on disk. */
  say(said: Said): Promise<boolean>;
}

/** One draft on the screen. Writes go one after the other, so that the last keystroke is the one that stays. */
export function useNotebook(): Notebook & { load(id: string): Promise<void> } {
  const draft = shallowRef<Draft | null>(null);
  const kept = shallowRef(true);
  let queue: Promise<void> = Promise.resolve();

  function write(work: () => Promise<void>): Promise<void> {
    queue = queue.then(work).then(() => void (kept.value = true), () => void (kept.value = false));
    return queue;
  }

  function change(patch: Partial<Draft>): Promise<void> {
    if (!draft.value) return queue;
    draft.value = { ...draft.value, ...patch, changed_at: Date.now() };
    const now = plain(draft.value);
    return write(() => keepDraft(db(), now));
  }

  async function settle(): Promise<void> {
    await queue;
    if (!kept.value) await change({});
  }

  /** With bytes: what is on the screen afterwards is what was written. Throws where it was not. */
  async function put(work: (now: Draft) => Promise<Draft>): Promise<void> {
    await write(async () => {
      draft.value = await work(plain(draft.value!));
    });
    if (!kept.value) throw new Error("not saved");
  }

  /** On the screen at once, its bytes and the draft that names it stored together; the very same picture is one. */
  function add({ picture, full, preview }: Shot): Promise<void> {
    const of = { type: picture.type, pulled_for: null };
    holdBytes([{ ...of, sha256: picture.sha256, data: full }, { ...of, sha256: picture.preview, data: preview }]);
    const others = draft.value!.pictures.filter((each) => each.sha256 !== picture.sha256);
    return change({ pictures: [...others, picture] });
  }

  async function say({ voice, data }: Said): Promise<boolean> {
    holdBytes([{ sha256: voice.sha256, type: voice.type, pulled_for: null, data }]);
    await change({ voices: [...(draft.value!.voices ?? []), voice] });
    return kept.value;
  }

  const replace = (old: string, shot: Shot): Promise<void> => put((now) => replacePicture(db(), now, old, shot));

  async function load(id: string): Promise<void> {
    const held = heldDraft(id);
    draft.value = held ?? (await getDraft(db(), id));
    kept.value = held === null;
  }

  return { draft, kept, change, settle, add, replace, say, load };
}

/** Without Vue's proxies: only plain things can be stored. */
function plain(draft: Draft): Draft {
  return JSON.parse(JSON.stringify(draft)) as Draft;
}
