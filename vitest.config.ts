import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["sdk/ui/src/**/*.test.ts", "host/ui/src/**/*.test.ts", "plugins/*/ui/src/**/*.test.ts"],
    environment: "node",
  },
});
