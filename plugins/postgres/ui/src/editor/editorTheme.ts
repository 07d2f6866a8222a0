import { EditorView } from "@codemirror/view";

/** The editor in the kit's tokens; CodeMirror injects it with the page's nonce (D20). */
export const editorTheme = EditorView.theme({
  "&": { height: "100%", color: "var(--foreground)", backgroundColor: "var(--card)", fontSize: "var(--text-sm)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--foreground)", padding: "0.375rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--foreground)" },
  ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--placeholder)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--muted) 60%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--primary) 24%, transparent)",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in oklab, var(--primary) 14%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent)", outline: "thin solid var(--input)" },
  ".cm-placeholder": { color: "var(--placeholder)" },
  ".cm-tooltip": {
    backgroundColor: "var(--popover)",
    border: "thin solid var(--border)",
    borderRadius: "0.5rem",
    boxShadow: "var(--shadow-popover)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "var(--text-xs)", maxHeight: "16rem", minWidth: "16rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.15rem 0.5rem", display: "flex", gap: "1rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--foreground)" },
  ".cm-completionDetail": { marginLeft: "auto", fontStyle: "normal", color: "var(--muted-foreground)" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--primary)", fontWeight: "600" },
  ".cm-diagnostic": { padding: "0.375rem 0.625rem", borderLeft: "0.1875rem solid var(--destructive)", fontFamily: "var(--font-sans)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--destructive)", textUnderlineOffset: "0.2em" },
  ".cm-panels": { backgroundColor: "var(--muted)", color: "var(--foreground)", borderColor: "var(--border)" },
  ".cm-textfield": { backgroundColor: "var(--card)", border: "thin solid var(--input)", borderRadius: "0.375rem" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--card)", border: "thin solid var(--input)", borderRadius: "0.375rem" },
});
