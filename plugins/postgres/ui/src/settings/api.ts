import { useOperation, type Operation } from "@mission-control/plugin-ui";
import type { Noted } from "../components/Notes.tsx";

export interface Setting {
  name: string;
  value: string | null;
  unit?: string;
  display?: string;
  category?: string;
  description?: string;
  context?: string;
  type?: string;
  source?: string;
  sourceFile?: string;
  sourceLine?: number;
  default?: string | null;
  resetValue?: string | null;
  isChanged?: boolean;
  pendingRestart?: boolean;
  min?: string;
  max?: string;
  enumValues?: string[];
  hidden?: boolean;
}

export interface Settings extends Noted {
  settings: Setting[];
  roleSettings?: { role?: string; database?: string; settings: string[] }[];
  pendingRestart?: string[];
  fileErrors?: { file: string; line: number; name?: string; error: string }[];
}

export function useSettings(search: string, isChangedOnly: boolean): Operation<Settings> {
  return useOperation<Settings>("settings", { ...(search ? { search } : {}), ...(isChangedOnly ? { changedOnly: true } : {}) }, { intervalMs: 60_000 });
}
