import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The server compares the origin of a request with its host, so the host stays as the browser said it.
const backend = { target: process.env.MAINSTAY_URL ?? "http://127.0.0.1:8080", changeOrigin: false };

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
  test: { environment: "node", include: ["src/**/*.test.ts"], isolate: false },
});
