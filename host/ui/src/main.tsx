import { applyLook, effectiveTheme, startPage, storedDensity, storedThemeChoice } from "@mission-control/plugin-ui";
import { App } from "./components/App.tsx";
import "./style.css";

applyLook({ theme: effectiveTheme(storedThemeChoice()), density: storedDensity() });
startPage(<App />, { isTab: false });
