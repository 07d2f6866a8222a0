import { asOperationError, Failure, Skeleton, type OperationError } from "@mission-control/plugin-ui";
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Return a component whose code is fetched when it is first drawn. */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>): (props: Props) => JSX.Element {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPart(props: Props) {
    const [Part, setPart] = useState<ComponentType<Props> | null>(() => loaded);
    const [error, setError] = useState<OperationError | null>(null);
    const [attempt, setAttempt] = useState(0);
    useEffect(() => {
      if (loaded) return;
      let isMeant = true;
      load().then(
        (part) => {
          loaded = part;
          if (isMeant) setPart(() => part);
        },
        (thrown: unknown) => isMeant && setError(asOperationError(thrown)),
      );
      return () => {
        isMeant = false;
      };
    }, [attempt]);
    if (Part) return <Part {...props} />;
    if (!error) return <Skeleton rows={4} />;
    return <Failure error={error} what="a part of this page" onRetry={() => (setError(null), setAttempt(attempt + 1))} />;
  };
}
