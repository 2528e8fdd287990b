import { createApp } from "vue";

import App from "./App.vue";
import { app, look, start } from "./app";
import { recallDisplay } from "./display";
import { whenIdle } from "./parts/drawn";
import { listenForInstall } from "./parts/install";
import { caught } from "./parts/toast";
import { router } from "./router";
import { register } from "./sw/register";
import "./styles/phone.css";

/** What is most likely opened next is read before somebody asks for it: not while they wait. */
const NEXT = [() => import("./screens/write/Write.vue"), () => import("./screens/places/Places.vue")];

async function begin(): Promise<void> {
  listenForInstall();
  // No store, no notebook: a private window, or a browser that was told to keep nothing.
  await Promise.all([recallDisplay(), start().catch(() => (app.storeless = true))]);
  const made = createApp(App).use(router);
  made.config.errorHandler = caught;
  made.mount("#app");
  register(look);
  if (navigator.serviceWorker?.controller) whenIdle(...NEXT); // out of the phone, never over the line
}

void begin();
