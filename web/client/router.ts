/**
 * The screens and their addresses. Behind the #, so that one cached page serves them all. Each screen is a file of its own, fetched with the
 * app and kept by the service worker: it is read when it is first opened.
 */

import { createRouter, createWebHashHistory, type RouteLocationNormalized } from "vue-router";

import { app } from "./app";
import { tell } from "./parts/toast";
import SignIn from "./screens/signin/SignIn.vue";
import Home from "./screens/home/Home.vue";
import { t } from "./words";

/** One of the screens that travel together. */
const round = (name: keyof typeof import("./screens/round/pages")) => async () => (await import("./screens/round/pages"))[name];
const duty = (name: keyof typeof import("./screens/duty/pages")) => async () => (await import("./screens/duty/pages"))[name];
const me = (name: keyof typeof import("./screens/me/pages")) => async () => (await import("./screens/me/pages"))[name];
const care = (name: keyof typeof import("./screens/care/pages")) => async () => (await import("./screens/care/pages"))[name];
const notices = (name: keyof typeof import("./screens/notices/pages")) => async () => (await import("./screens/notices/pages"))[name];

export const router = createRouter({
  history: createWebHashHistory("/app/"),
  routes: [
    { path: "/", component: Home },
    { path: "/signin", component: SignIn, meta: { open: true, bare: true } },
    { path: "/write/:draft?", component: () => import("./screens/write/Write.vue"), meta: { bare: true, form: true } },
    { path: "/case/:id", component: () => import("./screens/case/CasePage.vue") },
    { path: "/places/:place?", component: () => import("./screens/places/Places.vue") },
    { path: "/tasks/:id", component: () => import("./screens/stairs/TaskList.vue") },
    { path: "/door/:id", component: () => import("./screens/stairs/ToDoor.vue") },
    { path: "/survey/:id", component: () => import("./screens/stairs/Survey.vue"), meta: { bare: true, form: true } },
    { path: "/me", component: me("Me") },
    { path: "/me/entries", component: me("Entries") },
    { path: "/me/aside", component: me("Aside") },
    { path: "/me/rescue", component: me("Rescue") },
    { path: "/me/storage", component: me("Storage") },
    { path: "/me/reminders", component: me("Reminders") },
    { path: "/notebook", component: me("Notebook") },
    { path: "/notices", component: notices("Notices") },
    { path: "/notices/:id", component: notices("NoticePage") },
    { path: "/duty/roster", component: duty("Roster") },
    { path: "/duty/calendar", component: duty("Calendar") },
    { path: "/duty/scan", component: duty("Scan"), meta: { bare: true } },
    { path: "/duty/here/:code", component: duty("Here"), meta: { comeBack: true } },
    { path: "/duty/:shift", component: duty("ShiftPage") },
    { path: "/duty/:shift/:act(log|handover|swap|absence|later|urgent)", component: duty("Act"), meta: { bare: true, form: true } },
    { path: "/round/:id", component: round("RoundPage"), meta: { bare: true, form: true } },
    { path: "/round/:id/at/:place", component: round("StopPage"), meta: { bare: true, form: true } },
    { path: "/round/:id/summary", component: round("SummaryPage") },
    { path: "/round/:id/invite", component: round("InvitePage") },
    { path: "/scan", component: round("ScanPage"), meta: { bare: true, form: true } },
    // What stands on a printed sign, and on a colleague's screen: the phone's own camera opens these.
    { path: "/at/:code", component: round("AtPage"), meta: { comeBack: true } },
    { path: "/walk/:code/:kind?/:leader?/:place?", component: round("JoinPage"), meta: { comeBack: true } },
    { path: "/visit/:id", component: () => import("./screens/visit/VisitPage.vue") },
    { path: "/care", component: care("CareList") },
    { path: "/care/new", component: care("CareForm"), meta: { form: true } },
    { path: "/care/:id", component: care("CarePage") },
    { path: "/feedback", component: () => import("./screens/feedback/Feedback.vue"), meta: { open: true } },
    { path: "/help", component: () => import("./screens/me/Help.vue"), meta: { open: true } },
    { path: "/:anything(.*)*", redirect: "/" },
  ],
  // What opens over a screen (a picture, the camera) leaves the screen where it is.
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

// Whoever scanned a sign before signing in still gets there.
const door = (to: RouteLocationNormalized) => (to.meta.comeBack ? { path: "/signin", query: { next: to.path } } : "/signin");
router.beforeEach((to) => (app.account || to.meta.open ? true : door(to)));

// A screen that is not on the phone yet and cannot be fetched: said, and the way on is another press.
router.onError((error) => {
  if (/import|fetch|load/i.test(String(error))) tell(t("phone.not_fetched"), "again");
  else console.error(error);
});
