/** The screens of this folder, fetched as one: each for itself they weigh more. */
export { default as CareList } from "./CareList.vue";
export { default as CareForm } from "./CareForm.vue";
export { default as CarePage } from "./CarePage.vue";
