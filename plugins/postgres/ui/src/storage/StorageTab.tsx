import { Toolbar, type HashNavigation } from "@mission-control/plugin-ui";
import type { ComponentChildren } from "preact";
import { DatabaseSelect } from "../components/DatabaseSelect.tsx";
import { SectionSwitch } from "../components/SectionSwitch.tsx";
import { SequencesSection, VacuumSection, WraparoundSection } from "./AgeSections.tsx";
import type { SectionProps } from "./section.ts";
import { BloatSection, SizeSection } from "./SizeSections.tsx";

const SECTIONS = [
  { id: "relations", label: "Size" },
  { id: "bloat", label: "Bloat" },
  { id: "vacuum", label: "Vacuum" },
  { id: "wraparound", label: "Wraparound" },
  { id: "sequences", label: "Sequences" },
] as const;
type SectionId = (typeof SECTIONS)[number]["id"];

const VIEWS: Record<SectionId, (props: SectionProps) => ComponentChildren> = {
  relations: SizeSection,
  bloat: BloatSection,
  vacuum: VacuumSection,
  wraparound: WraparoundSection,
  sequences: SequencesSection,
};

/** Where the space goes, what could be freed, whether vacuum keeps up, and how near things are to their ends. */
export function StorageTab({ params, setParams }: { params: URLSearchParams; setParams: HashNavigation["setParams"] }) {
  const database = params.get("db") ?? "";
  const section = SECTIONS.find((one) => one.id === params.get("section"))?.id ?? "relations";
  const View = VIEWS[section];
  const toolbar = (end: ComponentChildren) => (
    <Toolbar lead={<SectionSwitch sections={SECTIONS} current={section} onChoose={(id) => setParams({ section: id, row: null, sort: null })} />} end={end}>
      <DatabaseSelect value={database} none="Default database" onChange={(db) => setParams({ db })} />
    </Toolbar>
  );
  return <View key={section} database={database} params={params} setParams={setParams} toolbar={toolbar} />;
}
