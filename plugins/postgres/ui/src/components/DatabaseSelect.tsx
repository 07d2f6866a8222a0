import { Select } from "@mission-control/plugin-ui";
import { useDatabases } from "../api.ts";

export interface DatabaseSelectProps {
  value: string;
  /** What the choice of none means: "All databases", "Default database". */
  none: string;
  onChange: (database: string) => void;
}

/** The name of a database, taken on Enter or when the field is left: each name opens connections of its own. */
function DatabaseBox({ value, none, reason, onChange }: DatabaseSelectProps & { reason: string }) {
  const take = (typed: string) => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  return (
    <input
      type="text"
      aria-label="Database"
      title={`Name of the database (the list cannot be read: ${reason})`}
      placeholder={none}
      spellcheck={false}
      autocomplete="off"
      defaultValue={value}
      onBlur={(event) => take(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") take(event.currentTarget.value);
      }}
      class="h-control-h w-40 min-w-0 rounded-control border border-input bg-card px-2 text-sm"
    />
  );
}

/** Choose a database by name, or type it where the list cannot be read. */
export function DatabaseSelect({ value, none, onChange }: DatabaseSelectProps) {
  const databases = useDatabases();
  if (databases.error && !databases.data) return <DatabaseBox key={value} value={value} none={none} reason={databases.error.message} onChange={onChange} />;
  const names = new Set(databases.data ?? []);
  if (value) names.add(value);
  if (names.size === 1) return null; // an item that is itself a database leaves no choice
  return (
    <Select
      label="Database"
      value={value}
      isSet={value !== ""}
      isDisabled={databases.isLoading}
      options={[{ value: "", label: none }, ...[...names].sort().map((name) => ({ value: name, label: name }))]}
      onChange={onChange}
    />
  );
}
