/** The screens and their addresses. Behind the #, so that one cached page serves them all. */

import { createRouter, createWebHashHistory } from "vue-router";

import { app } from "./app";
import CasePage from "./screens/case/CasePage.vue";
import Aside from "./screens/me/Aside.vue";
import Entries from "./screens/me/Entries.vue";
import Help from "./screens/me/Help.vue";
import Me from "./screens/me/Me.vue";
import Notebook from "./screens/me/Notebook.vue";
import Rescue from "./screens/me/Rescue.vue";
import Storage from "./screens/me/Storage.vue";
import Places from "./screens/places/Places.vue";
import SignIn from "./screens/signin/SignIn.vue";
import Today from "./screens/today/Today.vue";
import Write from "./screens/write/Write.vue";

export const router = createRouter({
  history: createWebHashHistory("/app/"),
  routes: [
    { path: "/", component: Today },
    { path: "/signin", component: SignIn, meta: { open: true, bare: true } },
    { path: "/write/:draft?", component: Write, meta: { bare: true, form: true } },
    { path: "/case/:id", component: CasePage },
    { path: "/places/:place?", component: Places },
    { path: "/me", component: Me },
    { path: "/me/entries", component: Entries },
    { path: "/me/aside", component: Aside },
    { path: "/me/rescue", component: Rescue },
    { path: "/me/storage", component: Storage },
    { path: "/notebook", component: Notebook },
    { path: "/help", component: Help, meta: { open: true } },
    { path: "/:anything(.*)*", redirect: "/" },
  ],
  // What opens over a screen (a picture, the camera) leaves the screen where it is.
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

router.beforeEach((to) => (app.account || to.meta.open ? true : "/signin"));
