import { classes, Failure, OperationError } from "@mission-control/plugin-ui";
import type { MutableRef } from "preact/hooks";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Schema } from "../api.ts";
import type { Editor } from "./createEditor.ts";

export interface SqlEditorProps {
  tabId: string;
  text: string;
  schema: Schema;
  isWriting: boolean;
  handle: MutableRef<Editor | null>;
  onChange: (text: string) => void;
  onRun: () => void;
}

const RELOAD_HINT = "reload the page; the plugin may have been updated meanwhile";

/** The SQL editor; until its code has arrived the text is shown as it is, so that nothing jumps. */
export function SqlEditor({ tabId, text, schema, isWriting, handle, onChange, onRun }: SqlEditorProps) {
  const root = useRef<HTMLDivElement>(null);
  const latest = useRef({ tabId, text, schema, onChange, onRun });
  latest.current = { tabId, text, schema, onChange, onRun };
  const [isLoaded, setLoaded] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let isLeft = false;
    import("./createEditor.ts").then(
      ({ createEditor }) => {
        if (isLeft || !root.current) return;
        handle.current = createEditor(root.current, {
          schema: () => latest.current.schema,
          onChange: (next) => latest.current.onChange(next),
          onRun: () => latest.current.onRun(),
        });
        handle.current.show(latest.current.tabId, latest.current.text);
        handle.current.focus();
        setLoaded(true);
      },
      (thrown: unknown) => setFailure(String(thrown)),
    );
    return () => {
      isLeft = true;
      handle.current?.destroy();
      handle.current = null;
    };
  }, [handle]);
  useEffect(() => handle.current?.show(tabId, latest.current.text), [tabId, handle]);
  if (failure) return <Failure error={new OperationError(failure, { hint: RELOAD_HINT })} what="the editor" onRetry={() => window.location.reload()} />;
  return (
    <div class={classes("relative h-full min-h-0 overflow-hidden border-l-3", isWriting ? "border-l-destructive" : "border-l-transparent")}>
      {!isLoaded && <pre class="absolute inset-0 overflow-hidden py-1.5 pl-9 font-mono text-sm leading-normal">{text}</pre>}
      <div ref={root} class="h-full" />
    </div>
  );
}
