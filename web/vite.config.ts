import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const backend = process.env.MAINSTAY_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1800, // the layout engine of the map, which only its worker loads
  },
  worker: { format: "es" },
  server: { proxy: { "/api": backend, "/prometheus": backend } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
