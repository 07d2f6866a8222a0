import { Button, CommandLine, Message } from "@mission-control/plugin-ui";
import { KeyRound } from "lucide-preact";

/** Nobody is signed in: how to get a session. */
export function SignedOut() {
  return (
    <main class="flex h-full items-center">
      <Message
        icon={<KeyRound class="size-4 text-primary" />}
        title="Not signed in"
        actions={
          <Button kind="primary" onClick={() => window.location.reload()}>
            Try again
          </Button>
        }
      >
        <p>
          Open the address that <code class="font-mono text-foreground">mission-control serve</code> printed, or run this on the same machine:
        </p>
        <CommandLine text="mission-control open" />
        <p class="text-xs">The address holds a code that works once; the session then lives in this browser.</p>
      </Message>
    </main>
  );
}
