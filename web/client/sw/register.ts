/** The page's side of the service worker: a new version waits until somebody agrees, and no form is open. */

import { ref, shallowRef } from "vue";

export const waitingVersion = ref(false);
const registration = shallowRef<ServiceWorkerRegistration | null>(null);
const CHECK_MS = 6 * 3_600_000;

/** `heard`: the worker was nudged, there is something new. */
export function register(heard: () => void): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "news" && heard());
  navigator.serviceWorker.register("/app/sw.js", { scope: "/app/" }).then(follow, () => undefined);
}

function follow(found: ServiceWorkerRegistration): void {
  registration.value = found;
  look();
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", look));
  setInterval(() => void found.update().catch(() => undefined), CHECK_MS);
}

/** Only where an older version is at work is there anything to switch. */
function look(): void {
  waitingVersion.value = registration.value?.waiting != null && navigator.serviceWorker.controller !== null;
}

export function switchOver(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.value?.waiting?.postMessage("switch");
}

/** Look for a newer version now. One that comes offers itself; where there is none, loading the page anew is all there is. */
export async function renew(): Promise<void> {
  await registration.value?.update().catch(() => undefined);
  look();
  if (!waitingVersion.value && !registration.value?.installing) location.reload();
}
