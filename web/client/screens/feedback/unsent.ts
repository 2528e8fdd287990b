/** What somebody has begun to say before they signed in: it comes along, and lives no longer than the page. */

import { reactive } from "vue";

export const begun = reactive({ about: "app", words: "" });
