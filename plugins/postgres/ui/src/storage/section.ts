import type { HashNavigation } from "@mission-control/plugin-ui";
import type { ComponentChildren } from "preact";

export interface SectionProps {
  database: string;
  params: URLSearchParams;
  setParams: HashNavigation["setParams"];
  toolbar: (end: ComponentChildren) => ComponentChildren;
}
