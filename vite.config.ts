/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("./web/client"),
  base: "/app/",
  publicDir: false,
  resolve: { alias: { "@": here("./web/client"), "@catalogue": here("./web/catalogue") } },
  plugins: [
    vue(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "sw",
      filename: "sw.ts",
      injectRegister: false,
      manifest: false,
      injectManifest: { globPatterns: ["**/*.{html,js,css,svg,png,webmanifest,json}"] },
    }),
  ],
  build: {
    outDir: here("./static/app"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content policy allows no data: scripts or styles
    target: "es2020",
  },
  test: { root: here("./web/client"), include: ["**/*.test.ts"], environment: "node" },
});
