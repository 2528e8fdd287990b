/**
 * The lists of records that screens show, kept while somebody is signed in: whoever comes back to a screen finds them there. One question
 * to the database follows all of them, so that a tap asks the disk once and not once for each list.
 */

import type { Edit, View } from "../model/overlay";
import { answered } from "./answered";
import type { Database } from "./database";
import { editsOf, laidOver, watch } from "./reads";
import { onOwn, type OwnNews } from "./save";
import { allPulses, shelved, type Pulse } from "./shelf";

/** What was written here and how far the records have come, at one moment. */
interface Moment {
  edits: Map<string, Edit[]>;
  pulses: Map<string, Pulse>;
}

interface List {
  /** What its last telling was made of. */
  made: string;
  tell: (list: View[]) => void;
}

const NEVER: Pulse = { n: 0, log: [] };

export class KeptLists {
  private readonly lists = new Map<string, List>();
  private moment: Moment | null = null;
  readonly stop: () => void;

  constructor(readonly db: Database, private readonly account: string) {
    this.stop = watch(() => this.read(), (moment) => {
      this.moment = moment;
      for (const type of this.lists.keys()) void this.renew(type, moment);
    });
    onOwn(db, (news) => this.hear(news));
  }

  /** What was just written shows at once; the question to the database that follows will find the same. */
  private hear({ written, gone }: OwnNews): void {
    if (!this.moment) return;
    const edits = new Map(this.moment.edits);
    for (const [type, own] of edits) edits.set(type, own.filter((edit) => !gone.includes(edit.change.id)));
    for (const change of written) edits.set(change.type, [...(edits.get(change.type) ?? []), { change, seq: null }]);
    this.moment = { ...this.moment, edits };
    for (const type of this.lists.keys()) void this.renew(type, this.moment);
  }

  /** Tell all records of one type, own creations among them, now and whenever one changes. */
  follow(type: string, tell: List["tell"]): void {
    this.lists.set(type, { made: "", tell });
    if (this.moment) void this.renew(type, this.moment);
  }

  private async read(): Promise<Moment> {
    const { db } = this;
    const [sent, unsent, pulses] = await db.transaction("r", [db.outbox, db.journal, db.meta], () => Promise.all([answered(db), db.outbox.toArray(), allPulses(db)]));
    const edits = new Map<string, Edit[]>();
    for (const edit of editsOf(sent.filter((row) => row.laid === 1), unsent)) {
      const { type } = edit.change;
      const beside = edits.get(type);
      if (beside) beside.push(edit);
      else edits.set(type, [edit]);
    }
    return { edits, pulses };
  }

  /** The records may be younger than the moment: an edit that they carry already lies over them once more. */
  private async renew(type: string, { edits, pulses }: Moment): Promise<void> {
    const list = this.lists.get(type)!;
    const pulse = pulses.get(type) ?? NEVER;
    const own = edits.get(type) ?? [];
    const made = [pulse.n, ...own.map(({ change, seq }) => `${change.id}:${seq}`)].join(" ");
    if (made === list.made) return;
    list.made = made;
    try {
      const shelf = await shelved(this.db, type, pulse);
      if (list.made === made) list.tell(laidOver(shelf, own, this.account));
    } catch {
      list.made = ""; // the database went away meanwhile: whatever changes next is told
    }
  }
}
