/** Getting the app onto the home screen: where it is, and what kind of browser this is. */

import { ref, shallowRef } from "vue";

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
  userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
}

export const offer = shallowRef<InstallPrompt | null>(null);
export const installed = ref(false);

export function listenForInstall(): void {
  installed.value = matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer.value = event as InstallPrompt;
  });
  window.addEventListener("appinstalled", () => {
    installed.value = true;
    offer.value = null;
  });
}

export async function install(): Promise<void> {
  const prompt = offer.value;
  if (!prompt) return;
  offer.value = null;
  await prompt.prompt();
}

/** WeChat keeps a store of its own and throws it away: no place for entries that must not be lost. */
export const inWeChat = /MicroMessenger/i.test(navigator.userAgent);
export const onApple = /iPhone|iPad/i.test(navigator.userAgent);
