/**
 * The courier: pictures and voice notes travel apart, after the text, by tus; previews of everything first. One at a
 * time, beside the text and never before it. Bytes stay on the phone until they are confirmed (P1, P2).
 */

import { sha256Of } from "../model/hash";
import type { Database } from "../store/database";
import type { UploadRow } from "../store/rows";
import { bytesOf, confirmUpload, nextUpload, noteUpload, noteUploadUrl } from "../store/uploads";
import { mayCarryFull } from "./network";
import { progress } from "./progress";
import { deliver, type Delivery, type Watch } from "./tus";

/** "later": something was not taken, and there is nothing else to carry. */
export type PictureEnd = "done" | "later" | "signed out" | "offline";
type Step = "done" | "again" | "later" | "signed out" | "cut";

export interface PictureDoor {
  endpoint: string;
}

const MOST_CUTS = 3;
const MOST_TRIES = 4;
const PAUSE_MS = 800;
/** The server has heard of the bytes and will never take them, however often they are sent. */
const NEVER = new Set(["not_a_picture", "not_a_voice", "unsupported_type", "too_large"]);
/** There is something to put right, and then it can go on at once. */
const MENDABLE = new Set([404, 409, 410, 423, 460]);

export class Courier {
  private readonly leaving = new AbortController();
  private cuts = 0;
  private skipped = new Set<string>();
  private tries = new Map<string, number>();
  /** What the server had of each when it was last asked. */
  private offsets = new Map<string, number>();
  /** Something has come on since it set out. */
  moved = false;
  private goOn: () => void = () => undefined;

  constructor(private readonly db: Database, private readonly door: PictureDoor) {}

  stop(): void {
    this.leaving.abort();
    this.goOn();
  }

  /** There is a line again, it seems: no more waiting. */
  kick(): void {
    this.goOn();
  }

  /** Carry what is due, one after the other, until nothing is left, or the line or the session ends. */
  async run(): Promise<PictureEnd> {
    this.cuts = 0;
    this.moved = false;
    this.skipped = new Set();
    this.tries = new Map();
    for (;;) {
      const row = this.leaving.signal.aborted ? null : await nextUpload(this.db, this.skipped, await mayCarryFull(this.db));
      if (!row) return this.arrived();
      const step = await this.carry(row);
      if (step === "signed out") return step;
      if (step === "cut" && this.cuts >= MOST_CUTS) return "offline";
      if (step === "cut" || step === "again") await this.pause(PAUSE_MS * Math.max(1, this.cuts));
      if (step === "later") this.skipped.add(row.sha256);
    }
  }

  private arrived(): PictureEnd {
    if (this.skipped.size > 0) return "later";
    progress.arrived = 0;
    return "done";
  }

  private async carry(row: UploadRow): Promise<Step> {
    const kept = await bytesOf(this.db, row.sha256);
    // Lost or changed on the phone: nothing that could be sent is the picture that the text names.
    if (!kept || (await sha256Of(kept.data)) !== row.sha256) {
      await noteUpload(this.db, row.sha256, { state: "lost", url: null });
      return "done";
    }
    Object.assign(progress, { sha256: row.sha256, sent: 0, size: kept.data.byteLength });
    const cargo = { data: kept.data, sha256: row.sha256, type: row.type, url: row.url, careful: row.careful === 1 };
    const step = await this.judge(row, await deliver(this.door.endpoint, cargo, this.watch(row)));
    if (step === "done") progress.arrived += progress.size;
    if (step === "done") this.cameOn();
    if (step === "cut") this.cuts += 1;
    Object.assign(progress, { sha256: null, sent: 0 });
    return step;
  }

  private cameOn(): void {
    this.cuts = 0;
    this.moved = true;
  }

  /** A line that brings us on a little every time is no bad line: its cuts do not add up. */
  private watch({ sha256, url }: UploadRow): Watch {
    let asked = false;
    return {
      signal: this.leaving.signal,
      begun: (at) => (at === url ? Promise.resolve() : noteUploadUrl(this.db, sha256, at)),
      sent: (bytes) => {
        if (!asked && bytes > (this.offsets.get(sha256) ?? 0)) this.cameOn();
        if (!asked) this.offsets.set(sha256, bytes);
        asked = true;
        progress.sent = bytes;
      },
    };
  }

  private async judge(row: UploadRow, end: Delivery): Promise<Step> {
    if (end.done) {
      await confirmUpload(this.db, row.sha256);
      return "done";
    }
    const { status, code } = end;
    if (status === 401) return "signed out";
    if (NEVER.has(code ?? "")) {
      await noteUpload(this.db, row.sha256, { state: "refused", url: null });
      return "done";
    }
    if (code === null || (status >= 500 && status !== 507)) return "cut"; // nobody answered, or somebody in between
    if (!MENDABLE.has(status) || code === "not_named") return "later";
    return this.mend(row, status);
  }

  private async mend(row: UploadRow, status: number): Promise<Step> {
    const tries = (this.tries.get(row.sha256) ?? 0) + 1;
    this.tries.set(row.sha256, tries);
    if (status === 404 || status === 410) await noteUploadUrl(this.db, row.sha256, null); // begin anew
    if (status === 460) await noteUpload(this.db, row.sha256, { careful: 1 });
    return tries < MOST_TRIES ? "again" : "later";
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.leaving.signal.aborted ? 0 : ms);
      this.goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
