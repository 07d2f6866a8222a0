import {
  Activity, Box, Bug, Cable, ChartLine, Coffee, Cpu, Database, Eye, FileText, Flame, Gauge, HardDrive, Layers, List, ListTree, Lock, Logs,
  MemoryStick, Network, Puzzle, Radar, ScrollText, Search, Server, Shield, SquareTerminal, Table, Terminal, Timer, Wrench, type LucideIcon,
} from "lucide-preact";

/** Icons a manifest may name as `lucide:<kebab name>`; others are drawn as a puzzle piece. */
const ICONS: Record<string, LucideIcon> = {
  activity: Activity, box: Box, bug: Bug, cable: Cable, "chart-line": ChartLine, coffee: Coffee, cpu: Cpu, database: Database, eye: Eye,
  "file-text": FileText, flame: Flame, gauge: Gauge, "hard-drive": HardDrive, layers: Layers, list: List, "list-tree": ListTree, lock: Lock,
  logs: Logs, "memory-stick": MemoryStick, network: Network, puzzle: Puzzle, radar: Radar, "scroll-text": ScrollText, search: Search,
  server: Server, shield: Shield, "square-terminal": SquareTerminal, table: Table, terminal: Terminal, timer: Timer, wrench: Wrench,
};

/** Return the icon of a tab. */
export function tabIcon(name: string | undefined): LucideIcon {
  return ICONS[(name ?? "").replace(/^lucide:/, "")] ?? Puzzle;
}
