import { startPage } from "@mission-control/plugin-ui";
import { App } from "./components/App.tsx";
import "./style.css";

startPage(<App />);
