/// <reference types="vitest/config" />
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig, type Plugin } from "vite";

import { common } from "./web/catalogue/zh-CN.json";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The installed app's name and pictures; the words come from the catalogue, as everywhere. */
function appManifest(): Plugin {
  const icon = (file: string, sizes: string, purpose: string) => ({ src: `/app/icons/${file}`, sizes, purpose, type: "image/png" });
  const files = ["mark.svg", "apple-touch-icon.png", "app-192.png", "app-512.png", "app-maskable-512.png"];
  const manifest = {
    name: common.product, short_name: common.product, description: common.motto, lang: "zh-CN", id: "/app/", start_url: "/app/",
    scope: "/app/", display: "standalone", orientation: "portrait", background_color: "#fbfaf6", theme_color: "#fbfaf6",
    icons: [icon("app-192.png", "192x192", "any"), icon("app-512.png", "512x512", "any"), icon("app-maskable-512.png", "512x512", "maskable")],
  };
  return {
    name: "app-manifest",
    transformIndexHtml: (html) => html.replace("%PRODUCT%", common.product),
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "manifest.webmanifest", source: JSON.stringify(manifest) });
      // Part of the shell, so that they are there without a line.
      for (const file of files) {
        this.emitFile({ type: "asset", fileName: `icons/${file}`, source: readFileSync(here(`./static/icons/${file}`)) });
      }
    },
  };
}

/** Of what the record types declare, what no line of the phone reads stays at home: it would travel over every 2G line. */
const UNREAD = new Set(["example", "shape", "class", "writers", "required", "max_length", "pictures", "sounds", "purpose", "retention_days", "creators"]);

function slimDeclarations(): Plugin {
  return {
    name: "slim-declarations",
    enforce: "pre",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("record-types.gen.json")) return null;
      const slim = (JSON.parse(code) as { types: { fields: object }[] }).types.map(without).map((each) => (
        { ...each, fields: Object.fromEntries(Object.entries(each.fields).map(([name, field]) => [name, without(field as object)])) }));
      return { code: JSON.stringify({ types: slim }), map: null };
    },
  };
}

/** The sections of a catalogue that the phone reads; the others are the server's. */
const OF_PHONE = new Set(["common", "phone", "reasons", "roles", "signin"]);

function slimCatalogues(): Plugin {
  return {
    name: "slim-catalogues",
    enforce: "pre",
    apply: "build",
    transform(code, id) {
      if (!/\/web\/catalogue\/[\w-]+\.json$/.test(id)) return null;
      const kept = Object.entries(JSON.parse(code) as object).filter(([section]) => OF_PHONE.has(section));
      return { code: JSON.stringify(Object.fromEntries(kept)), map: null };
    },
  };
}

/** Of a drawn icon only what is inside its frame: the frame is the same for all (parts/Icon.vue). */
function slimIcons(): Plugin {
  return {
    name: "slim-icons",
    enforce: "pre",
    load(id) {
      if (!/\/lucide-static\/icons\/[\w-]+\.svg\?raw$/.test(id)) return null;
      const inner = /<svg[^>]*>([^]*)<\/svg>/.exec(readFileSync(id.replace("?raw", ""), "utf8"))![1]!;
      return { code: `export default ${JSON.stringify(inner.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>"))}`, map: null };
    },
  };
}

function without<T extends object>(declared: T): T {
  return Object.fromEntries(Object.entries(declared).filter(([name]) => !UNREAD.has(name))) as T;
}

export default defineConfig({
  root: here("./web/client"),
  base: "/app/",
  publicDir: false,
  resolve: { alias: { "@": here("./web/client"), "@catalogue": here("./web/catalogue"), "js-base64": here("./web/client/sync/tus_base64.ts"), dexie: here("./node_modules/dexie/dist/modern/dexie.min.mjs"), "url-parse": here("./web/client/sync/tus_url.ts") } },
  plugins: [
    vue({ features: { optionsAPI: false } }), // every screen is <script setup>
    appManifest(),
    slimDeclarations(),
    slimCatalogues(),
    slimIcons(),
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
    target: "es2022", // what the app says itself (`.at`, `??=`) asks for no older phone
    modulePreload: { polyfill: false }, // a browser that cannot read ahead reads when it gets there
  },
  test: { root: here("./web/client"), include: ["**/*.test.ts"], environment: "node", setupFiles: ["./testing/setup.ts"] },
});
