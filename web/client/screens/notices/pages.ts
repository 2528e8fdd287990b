/** The screens of this folder, fetched as one: each for itself they weigh more. */
export { default as Notices } from "./Notices.vue";
export { default as NoticePage } from "./NoticePage.vue";
