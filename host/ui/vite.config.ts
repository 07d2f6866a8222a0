import { pageConfig } from "../../sdk/ui/vite.page.ts";

export default pageConfig({ outDir: "../mc_host/shell", base: "/" });
