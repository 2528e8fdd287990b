/**
 * When to sync: on save, open, `online`, coming back to the page, and by a timer while it is open. One call of text
 * and one transfer of a picture at a time per database, also over several tabs (Web Locks). The screens never wait
 * for any of this.
 */

import { eraseDropped } from "../store/apply";
import { waiting } from "../store/batch";
import { isFull } from "../store/database";
import { fetchAnswers } from "./answers";
import { backoff } from "./backoff";
import { hearOfParked } from "./parked";
import { onOtherLine } from "./network";
import { Courier, type PictureEnd } from "./pictures";
import { prove } from "./proof";
import { syncRound, type Phone, type Round } from "./round";
import { CallFailed, type Failure } from "./transport";

export type Line = "idle" | "syncing" | "offline" | "busy" | "signed_out" | "copied" | "full" | "trouble";

export interface LoopEvents {
  line(line: Line, problem: Failure | null): void;
  synced(round: Round, at: number): Promise<void>;
}

const IDLE_MS = 30_000;

export class SyncLoop {
  private running = false;
  private again = false;
  private stopped = false;
  /** Somebody has to sign in; it is still tried, since another window may have done so. */
  private out = false;
  private asked = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private carrying = false;
  private lost = 0;
  private sooner = Infinity;
  private readonly wakers: (() => void)[] = [];
  private readonly courier: Courier;

  constructor(private readonly phone: Phone, private readonly events: LoopEvents) {
    this.courier = new Courier(phone.db, { endpoint: "/api/v1/uploads" });
  }

  start(): void {
    this.listen(window, "online", () => this.wake());
    this.listen(document, "visibilitychange", () => document.visibilityState === "visible" && this.wake());
    this.wakers.push(onOtherLine(() => this.wake()));
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    this.courier.stop();
    clearTimeout(this.timer);
    for (const off of this.wakers.splice(0)) off();
    this.phone.transport.hangUp(); // its answer would come to somebody else
  }

  /** Something was written, or the person asks: sync now, whatever the back-off says. */
  wake(): void {
    this.failures = 0;
    void this.run();
  }

  /** Also ask whether everything has arrived, though nothing may have been sent. */
  check(): void {
    this.asked = true;
    this.wake();
  }

  private listen(target: EventTarget, name: string, heard: () => void): void {
    target.addEventListener(name, heard);
    this.wakers.push(() => target.removeEventListener(name, heard));
  }

  private async run(): Promise<void> {
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    this.sooner = Infinity;
    clearTimeout(this.timer);
    const wait = await this.alone("sync", () => this.attempt());
    this.running = false;
    if (this.again) {
      this.again = false;
      void this.run();
    } else if (wait !== null) await this.sleep(Math.min(wait, this.sooner));
  }

  private async sleep(wait: number): Promise<void> {
    const { next } = await waiting(this.phone.db, Date.now()).catch(() => ({ next: null }));
    const undo = next === null ? wait : Math.min(wait, Math.max(50, next - Date.now() + 50));
    clearTimeout(this.timer);
    if (!this.stopped && !this.running) this.timer = setTimeout(() => void this.run(), undo);
  }

  private alone<T>(name: "sync" | "pictures", work: () => Promise<T>): Promise<T> {
    if (!navigator.locks) return work();
    return navigator.locks.request(`${this.phone.db.name}:${name}`, work) as Promise<T>;
  }

  /** Pictures go beside the text, so that no word has to wait until a picture is through (P1). */
  private async carry(): Promise<void> {
    this.courier.kick();
    if (this.carrying) return;
    this.carrying = true;
    const end = await this.alone("pictures", () => this.courier.run()).catch((): PictureEnd => "later");
    this.carrying = false;
    if (this.stopped) return;
    this.lost = end === "done" || this.courier.moved ? 0 : this.lost + 1;
    if (end === "signed out") return void this.ended("signed_out", null);
    if (end === "offline") this.tell("offline", null);
    if (end !== "done") this.soon(backoff(this.lost + 1));
    else await eraseDropped(this.phone.db).catch(() => undefined); // the next round does it again
  }

  /** Not later than in so many milliseconds. */
  private soon(wait: number): void {
    this.sooner = wait;
    if (!this.running) void this.sleep(wait);
  }

  /** One round of text, then answers to look at later; pictures set out beside it. When to try again, null for never. */
  private async attempt(): Promise<number | null> {
    if (!this.out) this.tell("syncing", null); // else the way to sign in would come and go under the thumb
    try {
      const round = await syncRound(this.phone);
      this.out = false;
      if (this.stopped) return null;
      await this.events.synced(round, Date.now());
      await this.compare(round);
      await hearOfParked(this.phone);
      void this.carry();
      await eraseDropped(this.phone.db);
      await fetchAnswers(this.phone, round.changed);
      if (round.busy.length > 0) return this.failed("busy", null);
      this.failures = 0;
      this.tell("idle", null);
      return IDLE_MS;
    } catch (error) {
      return this.judge(error);
    }
  }

  private async compare(round: Round): Promise<void> {
    if (round.sent === 0 && !this.asked) return;
    this.asked = false;
    if ((await prove(this.phone)) === "again") this.again = true;
  }

  private judge(error: unknown): number | null {
    if (isFull(error)) return this.failed("full", null);
    if (!(error instanceof CallFailed)) return this.failed("trouble", null, error);
    const { failure } = error;
    if (failure.kind === "offline") return this.failed("offline", failure);
    if (failure.status === 401) return this.ended("signed_out", failure);
    if (failure.code === "device_copied" || failure.code === "wrong_device" || failure.code === "device_revoked") {
      return this.ended("copied", failure);
    }
    const wait = this.failed(failure.code === "busy" ? "busy" : "trouble", failure);
    return failure.retryAfter ? Math.max(wait, failure.retryAfter * 1000) : wait;
  }

  /** Nothing is lost and nothing goes on by itself: somebody has to sign in. */
  private ended(line: Line, failure: Failure | null): null {
    this.out = true;
    this.tell(line, failure);
    return null;
  }

  /** Whoever uses the phone by now is not told how it went with the one before. */
  private tell(line: Line, failure: Failure | null): void {
    if (!this.stopped) this.events.line(line, failure);
  }

  private failed(line: Line, failure: Failure | null, error?: unknown): number {
    if (error && !this.stopped) console.error("sync", error);
    this.failures += 1;
    this.tell(line, failure);
    return backoff(this.failures);
  }
}
