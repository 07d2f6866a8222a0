export type Theme = "light" | "dark";
export type ThemeChoice = Theme | "system";
export type Density = "compact" | "comfortable" | "spacious";
export const DENSITIES: readonly Density[] = ["compact", "comfortable", "spacious"];

/** Preference keys that the reference's component library uses, so a tab fits a foreign host at once. */
export const THEME_KEY = "clicky-ui-theme";
export const DENSITY_KEY = "clicky-ui-density";

function stored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null; // storage may be blocked; the look then follows the system
  }
}

export function storedThemeChoice(): ThemeChoice {
  const value = stored(THEME_KEY);
  return value === "light" || value === "dark" ? value : "system";
}

export function storedDensity(): Density {
  return DENSITIES.find((density) => density === stored(DENSITY_KEY)) ?? "comfortable";
}

/** Return the theme a choice means right now. */
export function effectiveTheme(choice: ThemeChoice): Theme {
  if (choice !== "system") return choice;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Put theme and density on the page. */
export function applyLook(look: { theme: Theme; density: Density }): void {
  document.documentElement.dataset.theme = look.theme;
  document.documentElement.dataset.density = look.density;
}
