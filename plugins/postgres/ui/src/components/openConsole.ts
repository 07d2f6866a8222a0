import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Shows a statement in the console, without running it. */
export type OpenConsole = (statement: string, database?: string) => void;

export const ConsoleContext = createContext<OpenConsole>(() => undefined);

export function useOpenConsole(): OpenConsole {
  return useContext(ConsoleContext);
}
