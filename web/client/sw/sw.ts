/**
 * Serves the whole app as one version, from the phone. It answers GETs of its own files only: no entry, no
 * picture and no answer of the server ever passes through here.
 */

import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("index.html"), { allowlist: [/^\/app\//] }));

// The first version serves its page at once; a later one waits for the person's consent.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
/** A nudge: the phone rings once, whoever opens it looks, and a page that is open syncs by itself. Nothing is sent from here. */
interface Nudge {
  title?: string;
  body?: string;
  lang?: string;
  topic?: string;
}

self.addEventListener("push", (event) => {
  const nudge = (event.data?.json() ?? {}) as Nudge;
  const shown = { body: nudge.body ?? "", lang: nudge.lang ?? "", tag: nudge.topic ?? "news", icon: "/app/icons/app-192.png", badge: "/app/icons/app-192.png", data: nudge.topic };
  event.waitUntil(Promise.all([self.registration.showNotification(nudge.title ?? "", shown), tellPages()]));
});

async function tellPages(): Promise<void> {
  for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage("news");
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const board = event.notification.data === "notice" || event.notification.data === "urgent";
  event.waitUntil(show(board ? "/app/#/notices" : "/app/#/"));
});

/** The page that is open already, where there is one: it may hold a form. */
async function show(address: string): Promise<void> {
  const [page] = await self.clients.matchAll({ type: "window" });
  if (page) await page.focus();
  else await self.clients.openWindow(address);
}

self.addEventListener("message", (event) => {
  if (event.data === "switch") void self.skipWaiting();
});
