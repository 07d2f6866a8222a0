import { classes, errorFromBody, Failure, Skeleton, type OperationError, type ShellLook } from "@mission-control/plugin-ui";
import { useEffect, useRef, useState } from "preact/hooks";
import { frameUrl, type ShellTab } from "../logic/tabs.ts";
import { useFrameMessages } from "../useFrameMessages.ts";

const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-downloads";

/** Until a view that a frame has told is drawn by the shell. */
const ECHO_MS = 1000;

export interface PluginFrameProps {
  itemId: string;
  tab: ShellTab;
  view: string;
  isVisible: boolean;
  look: ShellLook;
  onView: (view: string) => void;
  onKey: (key: string) => void;
  onPalette: (text: string) => void;
}

/** Read the error that was served in place of a page. */
function servedError(frame: HTMLIFrameElement): OperationError | null {
  const served = frame.contentDocument;
  if (!served || served.contentType === "text/html") return null;
  const text = served.body?.textContent ?? "";
  try {
    return errorFromBody(JSON.parse(text), 0, text);
  } catch {
    return errorFromBody(null, 0, text.slice(0, 500) || "the plugin served no page");
  }
}

/** A plugin's tab. The address it starts with is fixed; later changes of the view go to its hash. */
export function PluginFrame({ itemId, tab, view, isVisible, look, onView, onKey, onPalette }: PluginFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [isReady, setReady] = useState(false);
  const [error, setError] = useState<OperationError | null>(null);
  const [attempt, setAttempt] = useState(0);
  const known = useRef(view);
  /** Views that the frame has told and that have not come back as ours yet: handed to it, they would undo later ones. */
  const told = useRef<{ view: string; at: number }[]>([]);
  const start = useRef(frameUrl(itemId, tab, view));
  useFrameMessages(frame, { look, isVisible }, {
    onReady: () => setReady(true),
    onView: (next) => {
      known.current = next;
      told.current = [...told.current.filter((one) => one.at > Date.now() - ECHO_MS), { view: next, at: Date.now() }];
      onView(next);
    },
    onKey,
    onPalette,
  });
  useEffect(() => {
    const echo = told.current.findIndex((one) => one.view === view && one.at > Date.now() - ECHO_MS);
    told.current = told.current.slice(echo + 1);
    if (!isVisible || view === known.current || !view || echo >= 0) return;
    known.current = view;
    // The whole address: a bare hash would be resolved against the shell while the frame is still empty.
    frame.current?.contentWindow?.location.replace(frameUrl(itemId, tab, view));
  }, [view, isVisible, itemId, tab]);

  function retry() {
    setReady(false);
    setError(null);
    setAttempt(attempt + 1);
  }
  return (
    <div class={classes("relative min-h-0 flex-1 flex-col", isVisible ? "flex" : "hidden")}>
      {!isReady && !error && (
        <div class="absolute inset-0 bg-card">
          <Skeleton rows={10} />
        </div>
      )}
      {error && <Failure error={error} what={`the page of ${tab.plugin}`} onRetry={retry} />}
      <iframe
        key={attempt}
        ref={frame}
        title={tab.name}
        src={start.current}
        sandbox={SANDBOX}
        onLoad={(event) => {
          setError(servedError(event.currentTarget));
          setReady(true);
        }}
        class={classes("min-h-0 w-full flex-1 border-0", (!isReady || error) && "invisible", error && "hidden")}
      />
    </div>
  );
}
