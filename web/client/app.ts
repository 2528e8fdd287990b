/** Puts the parts together: who is using this phone, their database, their sync loop. The screens read `app`. */

import { markRaw, nextTick, reactive } from "vue";

import { display, setDisplay, suggestText } from "./display";
import { phoneTime } from "./parts/beat";
import { drawn, whenIdle } from "./parts/drawn";
import type { BookInfo, Colleague, Session } from "./model/wire";
import { AccountBook, type KnownAccount } from "./store/accounts";
import { forgetPulled } from "./store/apply";
import { Database, NotSaved } from "./store/database";
import { emptyBin } from "./store/drafts";
import { askToPersist } from "./store/health";
import { lost, readMarker, writeMarker, type Marker } from "./store/marker";
import { counts, type Counts } from "./store/entries";
import { watch } from "./store/reads";
import { letGo } from "./store/save";
import { SyncLoop, type Line } from "./sync/loop";
import { fetchColleagues, keptColleagues } from "./sync/people";
import type { Phone, Round } from "./sync/round";
import { askSession, oweLanguage, tellLanguage } from "./sync/session";
import { CallFailed, Transport, type Failure } from "./sync/transport";

export interface Hello {
  name: string;
  version: string;
  demo: { login: string; name: string; role: string }[] | null;
}

const NO_COUNTS: Counts = { unsent: 0, pictures: 0, confirmed: 0, refused: 0, held: 0, oldest: null };

export const app = reactive({
  account: null as KnownAccount | null,
  line: "idle" as Line,
  problem: null as Failure | null,
  syncedAt: null as number | null,
  /** The phone's clock is this many ms ahead of the server's. */
  skew: 0,
  counts: { ...NO_COUNTS },
  /** Entries that the browser threw away: the last thing known of them. */
  alarm: null as Marker | null,
  persisted: null as boolean | null,
  /** This window cannot keep anything: what is written here would be lost. */
  storeless: false,
  /** The server has moved on to a newer protocol: it still takes what is written here (L1). */
  upgrade: false,
  /** What books were called, also those of other people's that were only heard of. */
  names: {} as Record<string, string>,
  /** Who works at the own places, as last heard. */
  colleagues: [] as Colleague[],
  /** What lies behind the screen may stay: its person is still there. */
  settled: false,
});

export const transport = new Transport();
const book = new AccountBook(location.host);
let database: Database | null = null;
let loop: SyncLoop | null = null;
let unwatch: (() => void) | null = null;
let nudgeKept = false;
/** After a tap the processor belongs to the person: what was written can be taken back for ten seconds anyhow. */
const QUIET_MS = 400;

/** The signed-in account's database. Screens that need it are shown only while there is one. */
export function db(): Database {
  if (!database) throw new Error("nobody is signed in");
  return database;
}

export const me = (): string => app.account!.id;
export const books = (): BookInfo[] => app.account?.session.books ?? [];
export const bookName = (book: string): string | null => books().find((each) => each.book === book)?.name ?? app.names[book] ?? null;
export const writable = (): BookInfo[] => books().filter((each) => each.access === "write");
export const clocks = { now: (): number => Date.now(), skew: (): number => app.skew };

/** What time it is, as the server would say: this phone's clock, corrected. */
export const now = (): number => phoneTime() - app.skew;
export const nowText = (at: number = now()): string => new Date(at).toISOString();

/** Open what is on the phone, without asking anybody. */
export async function start(): Promise<void> {
  const known = await book.current();
  if (known) await open(known);
  else void paySignOut();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && database) void letGo(database).then(() => loop?.wake());
  });
}

export async function hello(): Promise<Hello | null> {
  try {
    return (await transport.json<Hello>("GET", "/api/v1/hello")).body;
  } catch {
    return null;
  }
}

/** Sign in, going on as the device that this account had on this phone. Throws CallFailed. */
export async function signIn(login: string, password: string, deviceName: string): Promise<void> {
  const device = (await book.byLogin(login))?.device ?? undefined;
  const body = { login, password, device_name: deviceName, device };
  const session = await askSession(transport, "POST", body);
  book.owesSignOut = false;
  await close();
  await open(await book.signedIn(login, session));
}

/** 退出: what was pulled leaves the phone, what was written here stays until its owner signs in again. */
export async function signOut(): Promise<void> {
  const leaving = app.account;
  if (!leaving || !database) return;
  loop?.stop();
  await forgetPulled(database);
  await book.left(leaving.id);
  book.owesSignOut = true;
  await close();
  await paySignOut();
}

/** The server hears of a sign-out as soon as there is a line. */
async function paySignOut(): Promise<void> {
  if (!book.owesSignOut) return;
  try {
    await transport.json("DELETE", "/api/v1/session");
    book.owesSignOut = false;
  } catch (error) {
    if (error instanceof CallFailed && error.failure.kind === "problem") book.owesSignOut = false;
  }
}

/** Something was written: the pill says so at once, and it goes out without anybody waiting for it, once the screen has said so. */
export function wake(): void {
  const unsent = readMarker(me())?.unsent; // as the writing transaction counted; the rest of the counts follows by itself (`watch`)
  if (unsent != null) app.counts = { ...app.counts, unsent };
  setTimeout(() => loop?.wake(), QUIET_MS);
}

/** There is something new at the server. */
export function look(): void {
  loop?.wake();
}

/** On 我: the screens speak it at once, the server in its nudges and the calendar as soon as there is a line. */
export async function chooseLanguage(language: string): Promise<void> {
  await setDisplay({ language });
  await oweLanguage(db(), display.language);
  look();
}

/** 对一下数: send what there is, then ask whether all of it is there. */
export function check(): void {
  loop?.check();
}

export function phone(): Phone {
  return {
    db: db(), account: me(), device: app.account!.device ?? "", transport: new Transport(),
    now: () => Date.now(), measured: (skew) => (app.skew = skew), named: rememberNames,
  };
}

/** The person has read that something was lost. */
export function hushAlarm(): void {
  if (app.alarm) writeMarker(me(), { ...app.alarm, unsent: 0 });
  app.alarm = null;
}

async function open(known: KnownAccount): Promise<void> {
  const opened = markRaw(new Database(location.host, known.id));
  database = opened;
  app.account = known;
  app.line = known.signed_in ? "idle" : "signed_out";
  suggestText(known.session.account.roles.map((each) => each.role));
  // All in one go: on a slow phone each question of its own holds the first screen up.
  const [notes, colleagues, counted, halfSaid] = await opened.run(() => Promise.all([
    opened.meta.bulkGet(["newest", "synced_at", "skew", "names"]), keptColleagues(opened), counts(opened), opened.meta.where("key").startsWith("recording:").count(),
  ]));
  const [newest, synced, skew, names] = notes.map((row) => row?.value);
  app.alarm = lost(readMarker(known.id), (newest as string | undefined) ?? null);
  app.syncedAt = (synced as number | undefined) ?? null;
  app.skew = (skew as number | undefined) ?? 0;
  app.names = (names as Record<string, string> | undefined) ?? {};
  app.colleagues = colleagues;
  app.counts = counted; // never "all sent" before anybody has looked
  app.settled = true;
  if (halfSaid > 0) await recoverSpeech(opened);
  unwatch = watch(() => counts(opened), (value) => (app.counts = value), saidAndShown);
  void emptyBin(opened).catch(unlessFull); // before anybody can put anything into it
  if (known.signed_in) run();
  whenIdle(() => askToPersist(opened).then((granted) => (app.persisted = granted)));
}

/** 已存手机 is drawn, and then the screen that it leads to: counting waits for both. */
async function saidAndShown(): Promise<void> {
  await drawn();
  await drawn();
}

/** Before any form is opened. Mostly there is nothing, and then nothing is fetched for it. */
async function recoverSpeech(opened: Database): Promise<void> {
  const [{ findHalfSaid }, { hadSaid }] = await Promise.all([import("./store/recordings"), import("./parts/speak")]);
  await findHalfSaid(opened, hadSaid).catch(unlessFull); // then the next start does it
}

function unlessFull(error: unknown): void {
  if (!(error instanceof NotSaved)) throw error;
}

function run(): void {
  loop = new SyncLoop(phone(), { line: onLine, synced: onSynced });
  loop.start();
}

/** Once after each start: is this phone still nudged where it said? */
async function keepNudged(opened: Database): Promise<void> {
  if (await opened.get("push")) await (await import("./sync/push")).keepUp(opened, transport);
}

async function close(): Promise<void> {
  app.settled = false;
  await nextTick(); // no screen that is kept out of sight outlives its person
  loop?.stop();
  unwatch?.();
  database?.retire();
  nudgeKept = false;
  loop = unwatch = database = null;
  Object.assign(app, { account: null, line: "idle", problem: null, upgrade: false, names: {}, colleagues: [], counts: { ...NO_COUNTS }, alarm: null });
}

function onLine(line: Line, problem: Failure | null): void {
  app.line = line;
  app.problem = problem;
  const known = app.account;
  if (!known || (line !== "signed_out" && line !== "copied")) return;
  known.signed_in = 0;
  // A copied database goes on as a new device; its entries are kept and sent again (X7).
  if (line === "copied") known.device = null;
  void book.update(known.id, { signed_in: 0, device: known.device });
}

/** A place that was lost, or that a record went to, is still called by its name. */
async function rememberNames(names: Record<string, string>): Promise<void> {
  if (Object.entries(names).every(([book, name]) => app.names[book] === name)) return;
  app.names = { ...app.names, ...names };
  await db().set("names", { ...app.names });
}

async function onSynced(round: Round, at: number): Promise<void> {
  app.syncedAt = at;
  app.upgrade = round.upgrade;
  await rememberNames(Object.fromEntries(books().map((each) => [each.book, each.name])));
  if (!nudgeKept) void keepNudged(db());
  nudgeKept = true;
  void import("./store/tidy").then(({ tidyDaily }) => tidyDaily(db(), Date.now() - app.skew)).catch(() => undefined); // tomorrow is another day
  await db().set("synced_at", at);
  await db().set("skew", app.skew);
  const told = await tellLanguage(phone());
  if (told ?? round.booksMoved) await refreshSession(told);
  app.colleagues = (await fetchColleagues(phone(), round.booksMoved)) ?? app.colleagues;
}

/** Which books are mine, and what are they called now? */
async function refreshSession(heard: Session | null): Promise<void> {
  const known = app.account;
  if (!known) return;
  const session = heard ?? (await askSession(transport, "GET"));
  app.account = { ...known, session };
  await book.update(known.id, { session });
}
