/** The pids that hold what a session waits for; a click goes to one. */
export function BlockerLinks({ pids, onJump }: { pids: readonly number[]; onJump: (pid: number) => void }) {
  return (
    <span class="inline-flex gap-1.5">
      {pids.map((pid) => (
        <button
          key={pid}
          type="button"
          title={`Go to pid ${pid}`}
          onClick={(event) => {
            event.stopPropagation();
            onJump(pid);
          }}
          class="font-medium text-primary tabular-nums underline decoration-primary/40 hover:decoration-primary"
        >
          {pid}
        </button>
      ))}
    </span>
  );
}
