import { pageConfig } from "../../../sdk/ui/vite.page.ts";

export default pageConfig({ outDir: "../mc_kubernetes_logs/ui", base: "./" });
