/**
 * The track: off unless the walker turns it on, only while the round runs and the app is open, at most one point a
 * minute, no finer than about a hundred metres, gone after seven days.
 */

import { clocks, db, me, now, nowText, wake } from "../../app";
import { TYPES } from "../../model/declared";
import { nextId } from "../../model/ids";
import type { View } from "../../model/overlay";
import { isMine, roundOf } from "../../model/round";
import type { Fields } from "../../model/wire";
import { one, views } from "../../store/reads";
import { save } from "../../store/save";

const MINUTE_MS = 60_000;
/** Of a degree: cells of about a hundred metres. The server takes nothing finer. */
const DECIMALS = 3;
let walked: string | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

/** Follow a round that has its track on; any other is not followed. To be called whenever that may have changed. */
export function follow(view: View | null): void {
  const wanted = view && isMine(view, me()) && roundOf(view).track_on === true ? view.id : null;
  if (wanted === walked) return;
  clearInterval(timer);
  walked = wanted;
  if (!wanted) return;
  void point(wanted);
  timer = setInterval(() => void point(wanted), MINUTE_MS);
}

function point(round: string): Promise<void> {
  return new Promise((done) => {
    if (!navigator.geolocation) return done();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => void keep(round, { lat: coarse(coords.latitude), lon: coarse(coords.longitude) }).then(done),
      () => done(), // no position, no point: nobody is asked why
      { enableHighAccuracy: false, timeout: MINUTE_MS / 2, maximumAge: MINUTE_MS },
    );
  });
}

const coarse = (degrees: number): number => Number(degrees.toFixed(DECIMALS));

async function keep(round: string, at: Fields): Promise<void> {
  const found = await one(db(), round, me());
  if (!found || walked !== round || !isMine(found.view, me())) return; // it ended while the phone was looking
  const minute = nowText(Math.floor(now() / MINUTE_MS) * MINUTE_MS);
  const track = await trackOf(round);
  const points = { [minute]: at };
  if (!track) await write(found.view.book, nextId(null, Date.now()), { round_id: round, started_at: roundOf(found.view).started_at!, points });
  else if (!same(lastPoint(track), at)) await write(track.book, track.id, { points });
}

/** Whoever stands still leaves no second point. */
function lastPoint(track: View): Fields {
  const points = Object.entries((track.fields.points ?? {}) as { [minute: string]: Fields });
  return points.sort(([a], [b]) => (a < b ? -1 : 1)).at(-1)?.[1] ?? {};
}

const same = (a: Fields, b: Fields): boolean => a.lat === b.lat && a.lon === b.lon;

export async function trackOf(round: string): Promise<View | null> {
  return (await views(db(), "track", me())).find((view) => view.fields.round_id === round && view.by === me()) ?? null;
}

/** The round is over: from here on no point is taken, and the server takes none either. */
export async function endTrack(round: string, at: number): Promise<void> {
  if (walked === round) follow(null);
  const track = await trackOf(round);
  if (track) await write(track.book, track.id, { ended_at: nowText(at) });
}

/** 结束 was taken back: the track goes on too. */
export async function goOn(round: string): Promise<void> {
  const track = await trackOf(round);
  if (track) await write(track.book, track.id, { ended_at: null });
}

async function write(book: string, record: string, set: Fields): Promise<void> {
  const found = await one(db(), record, me());
  const base = { book, record, type: "track", schema: TYPES.track!.schema, seen: found?.seen ?? 0, knew: found?.knew ?? null };
  await save(db(), me(), { ...base, ...(found ? {} : { create: true }), set }, clocks);
  wake();
}
