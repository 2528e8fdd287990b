/** A long list comes onto the screen in slices: what is in sight at once, the rest while nobody waits for it. */

import { onScopeDispose, ref, watch, type Ref } from "vue";

import { drawn } from "./drawn";

const SLICE = 40;

/** How many of `length` to draw now: a slice at once, one more after each picture, until all are there. */
export function inSlices(length: () => number): Ref<number> {
  // Who comes back comes back to where they were: the list has to be that long already.
  const { scroll } = (history.state ?? {}) as { scroll?: { top: number } };
  const room = ref(scroll?.top ? Infinity : SLICE);
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
  watch(length, () => void grow(), { immediate: true });
  return room;
}
