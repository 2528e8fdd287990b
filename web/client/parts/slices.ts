/** A long list comes onto the screen in slices: what is in sight at once, the rest while nobody waits for it. */

import { onScopeDispose, ref, watch, type Ref } from "vue";

import { drawn } from "./drawn";

const SLICE = 40;
/** No row is lower. */
const ROW_PX = 48;

/** Who comes back comes back to where they were: the list has to be that long already. */
function atFirst(): number {
  const { scroll } = (history.state ?? {}) as { scroll?: { top: number } };
  return SLICE + Math.ceil((scroll?.top ?? 0) / ROW_PX);
}

/** How many of `length` to draw now: a slice at once, one more after each picture, until all are there; from the first anew when `of` changes. */
export function inSlices(length: () => number, of: () => unknown): Ref<number> {
  const room = ref(atFirst());
  watch(of, () => (room.value = atFirst()), { flush: "sync" });
  let over = false;
  let growing = false;
  onScopeDispose(() => (over = true));
  async function grow(): Promise<void> {
    if (growing) return;
    growing = true;
    while (!over && room.value < length()) {
      await drawn();
      room.value += SLICE;
    }
    growing = false;
  }
  watch([length, of], () => void grow(), { immediate: true });
  return room;
}
