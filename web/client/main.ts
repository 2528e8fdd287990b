import { createApp } from "vue";

import App from "./App.vue";
import { app, look, start } from "./app";
import { recallDisplay } from "./display";
import { listenForInstall } from "./parts/install";
import { caught } from "./parts/toast";
import { router } from "./router";
import { register } from "./sw/register";
import "./styles/phone.css";

async function begin(): Promise<void> {
  listenForInstall();
  await recallDisplay();
  // No store, no notebook: a private window, or a browser that was told to keep nothing.
  await start().catch(() => (app.storeless = true));
  const made = createApp(App).use(router);
  made.config.errorHandler = caught;
  made.mount("#app");
  register(look);
}

void begin();
