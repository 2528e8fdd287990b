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
    { path: "/me", component: () => import("./screens/me/Me.vue") },
    { path: "/me/entries", component: () => import("./screens/me/Entries.vue") },
    { path: "/me/aside", component: () => import("./screens/me/Aside.vue") },
    { path: "/me/rescue", component: () => import("./screens/me/Rescue.vue") },
    { path: "/me/storage", component: () => import("./screens/me/Storage.vue") },
    { path: "/me/reminders", component: () => import("./screens/me/Reminders.vue") },
    { path: "/notebook", component: () => import("./screens/me/Notebook.vue") },
    { path: "/notices", component: () => import("./screens/notices/Notices.vue") },
    { path: "/notices/:id", component: () => import("./screens/notices/NoticePage.vue") },
    { path: "/duty/roster", component: () => import("./screens/duty/Roster.vue") },
    { path: "/duty/calendar", component: () => import("./screens/duty/Calendar.vue") },
    { path: "/duty/scan", component: () => import("./screens/duty/Scan.vue"), meta: { bare: true } },
    { path: "/duty/here/:code", component: () => import("./screens/duty/Here.vue"), meta: { comeBack: true } },
    { path: "/duty/:shift", component: () => import("./screens/duty/ShiftPage.vue") },
    { path: "/duty/:shift/:act(log|handover|swap|absence|later|urgent)", component: () => import("./screens/duty/Act.vue"), meta: { bare: true, form: true } },
    { path: "/round/:id", component: () => import("./screens/round/RoundPage.vue"), meta: { bare: true, form: true } },
    { path: "/round/:id/at/:place", component: () => import("./screens/round/StopPage.vue"), meta: { bare: true, form: true } },
    { path: "/round/:id/summary", component: () => import("./screens/round/SummaryPage.vue") },
    { path: "/round/:id/invite", component: () => import("./screens/round/InvitePage.vue") },
    { path: "/scan", component: () => import("./screens/round/ScanPage.vue"), meta: { bare: true, form: true } },
    // What stands on a printed sign, and on a colleague's screen: the phone's own camera opens these.
    { path: "/at/:code", component: () => import("./screens/round/AtPage.vue"), meta: { comeBack: true } },
    { path: "/walk/:code/:kind?/:leader?/:place?", component: () => import("./screens/round/JoinPage.vue"), meta: { comeBack: true } },
    { path: "/visit/:id", component: () => import("./screens/visit/VisitPage.vue") },
    { path: "/care", component: () => import("./screens/care/CareList.vue") },
    { path: "/care/new", component: () => import("./screens/care/CareForm.vue"), meta: { form: true } },
    { path: "/care/:id", component: () => import("./screens/care/CarePage.vue") },
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
