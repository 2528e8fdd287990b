/**
 * The client half of the sync (sync/SPEC.md). One round: push what is waiting, pull what is new, until there is
 * nothing left of either. The server merges and decides; the phone sends, stores, and forgets only on a receipt.
 */

import type { SyncCall, SyncReply } from "../model/wire";
import { applyReoffer, applyReply, refuse } from "../store/apply";
import { LIMITS, nextCall, waiting, type BatchLimits } from "../store/batch";
import type { Database } from "../store/database";
import { allDelivered, putBack } from "../store/uploads";
import { CallFailed, type Answer, type Transport } from "./transport";
import { PullWatch } from "./progress";
import { isAnswer } from "./reply";

export interface Phone {
  db: Database;
  account: string;
  device: string;
  transport: Transport;
  now(): number;
  /** The clocks were compared: the phone is this many ms ahead. */
  measured(skew: number): void;
  /** What books are called, as far as somebody has just said. */
  named(names: Record<string, string>): Promise<void>;
}

export interface Round {
  /** Records that came with this round. */
  changed: string[];
  /** Books that the server had no time for: they are kept and sent again. */
  busy: string[];
  /** Books that the phone did not know before, or lost: the list of books has to be asked for. */
  booksMoved: boolean;
  /** Changes that the server has answered. */
  sent: number;
  /** The server speaks a newer protocol: it takes what is sent, and gives nothing back until the app is renewed (L1). */
  upgrade: boolean;
}

const MOST_CALLS = 200;
/** Records of one piece of a long pull. */
const PIECE = 1000;
const SLOW_MS = 10_000;

export async function syncRound(phone: Phone): Promise<Round> {
  const round: Round = { changed: [], busy: [], booksMoved: false, sent: 0, upgrade: false };
  const watch = new PullWatch();
  try {
    return await rounds(phone, round, watch);
  } finally {
    watch.over();
  }
}

async function rounds(phone: Phone, round: Round, watch: PullWatch): Promise<Round> {
  let limits = LIMITS;
  let long = false;
  for (let calls = 0; calls < MOST_CALLS; calls += 1) {
    const call = await nextCall(phone.db, phone.device, limits, phone.now());
    // A long pull in small pieces: the first of them are to be seen while the others are on their way.
    if (long || Object.keys(call.cursors).length === 0) call.limit = Math.min(call.limit, PIECE);
    // While something is on its way the server would only name that.
    if (await allDelivered(phone.db)) call.missing = true;
    const answer = await send(phone, call, limits);
    if (answer === "halved") {
      limits = { ...limits, changes: Math.max(1, Math.ceil(call.changes.length / 2)) };
      continue;
    }
    if (answer === "put aside") continue;
    const reply = answer.body;
    measure(phone, answer);
    if (reply.reoffer) {
      await applyReoffer(phone.db, reply.epoch);
      continue;
    }
    long = reply.more;
    const known = new Set(Object.keys(call.cursors));
    round.changed.push(...(await applyReply(phone.db, phone.account, call, reply)));
    watch.heard(call.cursors, reply);
    if (reply.missing) await putBack(phone.db, reply.missing);
    round.busy = reply.busy;
    round.sent += reply.receipts.length;
    round.upgrade = reply.upgrade === true;
    round.booksMoved ||= reply.dropped.length > 0 || reply.books.some((page) => page.restart || !known.has(page.book));
    if (!(await goesOn(phone, call, reply))) break;
    limits = LIMITS;
  }
  return round;
}

/** Another call: the server has more, or more is waiting here and this call moved something. */
async function goesOn(phone: Phone, call: SyncCall, reply: SyncReply): Promise<boolean> {
  if (reply.more) return reply.books.length > 0;
  if (call.changes.length > 0 && reply.receipts.length === 0) return false;
  return (await waiting(phone.db, phone.now())).ready > 0 && reply.busy.length === 0;
}

async function send(
  phone: Phone, call: SyncCall, limits: BatchLimits,
): Promise<Answer<SyncReply> | "halved" | "put aside"> {
  try {
    const answer = await phone.transport.json<SyncReply>("POST", "/api/v1/sync", call);
    if (!isAnswer(call, answer.body)) throw new CallFailed({ kind: "offline" });
    return answer;
  } catch (error) {
    if (!isTooLarge(error) || call.changes.length === 0) throw error;
    if (call.changes.length > 1 && limits.changes > 1) return "halved";
    if (!isServersWord(error)) throw error;
    // One change too large for any call: it is shown, and it blocks nothing.
    await phone.db.run(() =>
      phone.db.transaction("rw", [phone.db.outbox, phone.db.journal, phone.db.refused], () =>
        refuse(phone.db, call.changes[0]!, "too_large", null, { sent: 0 }),
      ),
    );
    return "put aside";
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof CallFailed && error.failure.status === 413;
}

/** What stands before the server may turn a large call away, too; but no entry is put aside on its word. */
function isServersWord(error: unknown): boolean {
  return error instanceof CallFailed && error.failure.kind === "problem";
}

function measure(phone: Phone, answer: Answer<SyncReply>): void {
  const server = Date.parse(answer.body.server_time);
  // On a slow line nobody knows where in the wait the server looked at its clock.
  if (Number.isFinite(server) && answer.gotAt - answer.sentAt <= SLOW_MS) phone.measured(Math.round((answer.sentAt + answer.gotAt) / 2 - server));
}

