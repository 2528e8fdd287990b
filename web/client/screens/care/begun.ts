/** An agreement that is being written: it is still there after a look at another screen, and lives no longer than the page. */

import { reactive, ref, type Ref } from "vue";

export const KINDS = ["spoken", "signed", "phone"] as const;

export interface Begun {
  alias: Ref<string>;
  help: Set<string>;
  frequency: Ref<string>;
  carers: Set<string>;
  kind: Ref<(typeof KINDS)[number]>;
  until: Ref<string>;
}

const sheets = new Map<string, Begun>();

export function begun(account: string, place: string, until: string): Begun {
  const key = `${account}:${place}`;
  const sheet = sheets.get(key) ?? {
    alias: ref(""), help: reactive(new Set<string>()), frequency: ref("weekly"), carers: reactive(new Set([account])),
    kind: ref<(typeof KINDS)[number]>("spoken"), until: ref(until),
  };
  sheets.set(key, sheet);
  return sheet;
}

export function settled(account: string, place: string): void {
  sheets.delete(`${account}:${place}`);
}
