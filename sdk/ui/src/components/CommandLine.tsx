import { CopyButton } from "./CopyButton.tsx";

/** A command to copy. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div class="flex items-center gap-1 rounded-control border bg-muted pl-2.5 text-foreground">
      <code class="min-w-0 flex-1 overflow-x-auto py-1 font-mono text-xs whitespace-pre">{text}</code>
      <CopyButton label="Copy command" text={text} />
    </div>
  );
}
