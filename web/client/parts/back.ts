/** One screen back; from a screen that was opened by itself, to 今天. */

import type { Router } from "vue-router";

export function goBack(router: Router): void {
  if (history.state?.back) router.back();
  else void router.replace("/");
}
