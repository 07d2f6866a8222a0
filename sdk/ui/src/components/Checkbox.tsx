export interface CheckboxProps {
  label: string;
  title?: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

/** A filter that is on or off. */
export function Checkbox({ label, title, isOn, onChange }: CheckboxProps) {
  return (
    <label title={title} class="inline-flex h-control-h shrink-0 cursor-pointer items-center gap-1.5 rounded-control px-1 text-sm select-none hover:text-primary">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} class="size-3.5 accent-primary" />
      {label}
    </label>
  );
}
