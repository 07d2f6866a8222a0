import { Check, Copy } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { copyText } from "../clipboard.ts";
import { IconButton } from "./IconButton.tsx";

/** Copy something and say so for a moment. */
export function CopyButton({ label, text }: { label: string; text: string | (() => string) }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = window.setTimeout(() => setCopied(false), 1500);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      label={isCopied ? "Copied" : label}
      onClick={async () => {
        await copyText(typeof text === "function" ? text() : text);
        setCopied(true);
      }}
    >
      {isCopied ? <Check class="size-3.5 text-success" /> : <Copy class="size-3.5" />}
    </IconButton>
  );
}
