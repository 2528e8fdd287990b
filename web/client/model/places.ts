/** The tree of a book's places as one knows them in the field: building, unit, door. Pure. */

import { placeOf } from "./case";
import type { BookInfo, BookRecord } from "./wire";

export interface Spot {
  id: string;
  type: string;
  book: string;
  parent: string;
  label: string;
  name: string;
  order: number;
  /** Name and label as they are searched. */
  said: string;
  record: BookRecord;
}

const READER = new Intl.Collator("zh-CN", { numeric: true }); // made once: comparing ten thousand doors makes no other
const byOrder = (a: Spot, b: Spot): number => a.order - b.order || READER.compare(a.label, b.label);

export class PlaceIndex {
  readonly spots = new Map<string, Spot>();
  private readonly children = new Map<string, Spot[]>();
  private readonly sorted = new Set<string>();
  private readonly tops = new Map<string, Spot[]>();

  constructor(private readonly books: readonly BookInfo[], records: readonly BookRecord[]) {
    this.add(records);
  }

  /** More of the same tree, before anybody has looked at it. */
  add(records: readonly BookRecord[]): void {
    for (const record of records) {
      const spot = spotOf(record);
      this.spots.set(spot.id, spot);
      const beside = this.children.get(spot.parent);
      if (beside) beside.push(spot);
      else this.children.set(spot.parent, [spot]);
    }
  }

  /** In the order in which one walks past; sorted when somebody first looks. */
  below(id: string): Spot[] {
    const found = this.children.get(id) ?? [];
    if (!this.sorted.has(id)) found.sort(byOrder);
    this.sorted.add(id);
    return found;
  }

  /** Whatever hangs on nothing that this phone knows: the top of what may be seen (a captain sees one unit). */
  top(book: string): Spot[] {
    if (this.tops.size === 0) this.findTops();
    return this.tops.get(book) ?? [];
  }

  private findTops(): void {
    for (const spot of this.spots.values()) {
      if (this.spots.has(spot.parent)) continue;
      const beside = this.tops.get(spot.book);
      if (beside) beside.push(spot);
      else this.tops.set(spot.book, [spot]);
    }
    for (const list of this.tops.values()) list.sort(byOrder);
  }

  /** What people call it; null for a place that is not on this phone. */
  name(id: string | null | undefined): string | null {
    if (!id) return null;
    const spot = this.spots.get(id);
    return spot ? spot.name : (this.books.find((each) => each.book === id)?.name ?? null);
  }

  /** Where something is, as far as this phone can say: at least whose book it stands in. */
  where(record: BookRecord): string | null {
    return this.name(placeOf(record)) ?? this.name(record.book);
  }

  /** The place itself and everything in it. */
  within(id: string): ReadonlySet<string> {
    const found = new Set([id]);
    for (const each of found) for (const spot of this.children.get(each) ?? []) found.add(spot.id);
    return found;
  }

  find(words: string, most = 40): Spot[] {
    const wanted = words.trim().toLowerCase();
    if (!wanted) return [];
    const hits = [...this.spots.values()].filter((spot) => spot.said.includes(wanted));
    return hits.sort((a, b) => a.label.length - b.label.length || byOrder(a, b)).slice(0, most);
  }
}

function spotOf(record: BookRecord): Spot {
  const { fields } = record;
  const label = String(fields.label ?? "");
  const floor = Number(fields.floor ?? 0);
  const order = Number(fields.position ?? 0) || floor * 100 + Number(fields.door ?? 0);
  const parent = String(fields.parent_id ?? record.book);
  const name = String(fields.name ?? label);
  return { id: record.id, type: record.type, book: record.book, parent, label, name, order, said: `${name} ${label}`.toLowerCase(), record };
}
