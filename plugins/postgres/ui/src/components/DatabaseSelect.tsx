import { Select } from "@mission-control/plugin-ui";
import { useDatabases } from "../api.ts";

export interface DatabaseSelectProps {
  value: string;
  /** What the choice of none means: "All databases", "Default database". */
  none: string;
  onChange: (database: string) => void;
}

/** Choose a database by name; the chosen one is listed even when the list cannot be read. */
export function DatabaseSelect({ value, none, onChange }: DatabaseSelectProps) {
  const databases = useDatabases();
  const names = new Set(databases.data ?? []);
  if (value) names.add(value);
  if (names.size === 1 && !databases.error) return null; // an item that is itself a database leaves no choice
  return (
    <Select
      label={databases.error ? `Database (the list cannot be read: ${databases.error.message})` : "Database"}
      value={value}
      isSet={value !== ""}
      isDisabled={databases.isLoading}
      options={[{ value: "", label: none }, ...[...names].sort().map((name) => ({ value: name, label: name }))]}
      onChange={onChange}
    />
  );
}
