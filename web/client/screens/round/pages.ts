/** The screens of this folder, fetched as one: each for itself they weigh more. */
export { default as RoundPage } from "./RoundPage.vue";
export { default as StopPage } from "./StopPage.vue";
export { default as SummaryPage } from "./SummaryPage.vue";
export { default as InvitePage } from "./InvitePage.vue";
export { default as ScanPage } from "./ScanPage.vue";
export { default as AtPage } from "./AtPage.vue";
export { default as JoinPage } from "./JoinPage.vue";
