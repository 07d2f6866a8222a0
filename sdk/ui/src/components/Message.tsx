import type { ComponentChildren } from "preact";

export interface MessageProps {
  icon?: ComponentChildren;
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** A state in words: what it is, why, and what to do next. */
export function Message({ icon, title, children, actions }: MessageProps) {
  return (
    <div class="mx-auto flex w-full max-w-xl flex-col items-start gap-2 px-6 py-10" role="status">
      <div class="flex items-center gap-2 text-base font-semibold">
        {icon}
        {title}
      </div>
      {children && <div class="flex w-full flex-col gap-2 text-muted-foreground">{children}</div>}
      {actions && <div class="mt-1 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
