import {
  applyLook, DENSITIES, DENSITY_KEY, effectiveTheme, storedDensity, storedThemeChoice, THEME_KEY, useMedia,
  type Density, type ShellLook, type ThemeChoice,
} from "@mission-control/plugin-ui";
import { useEffect, useMemo, useState } from "preact/hooks";

export interface LookControl {
  look: ShellLook;
  choice: ThemeChoice;
  setTheme: (choice: ThemeChoice) => void;
  toggleTheme: () => void;
  setDensity: (density: Density) => void;
}

function store(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    return; // the look lasts until the page is closed
  }
}

/** Own theme and density: on this page, in this browser's storage, and for the frames. */
export function useLook(): LookControl {
  const [choice, setChoice] = useState(storedThemeChoice);
  const [density, setDensityState] = useState(storedDensity);
  const isSystemDark = useMedia("(prefers-color-scheme: dark)");
  const theme = choice === "system" ? (isSystemDark ? "dark" : "light") : effectiveTheme(choice);
  const look = useMemo<ShellLook>(
    () => ({ theme, density, locale: navigator.language, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    [theme, density],
  );
  useEffect(() => applyLook(look), [look]);
  const setTheme = (next: ThemeChoice) => {
    setChoice(next);
    store(THEME_KEY, next);
  };
  return {
    look,
    choice,
    setTheme,
    toggleTheme: () => setTheme(theme === "dark" ? "light" : "dark"),
    setDensity: (next) => {
      setDensityState(next);
      store(DENSITY_KEY, next);
    },
  };
}

export { DENSITIES };
