import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { PostgreSQL, sql, SQLDialect } from "@codemirror/lang-sql";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Schema } from "../api.ts";
import { completeSql, type Suggestion } from "../logic/completion.ts";
import type { TextRange } from "../logic/errorPlace.ts";
import { SQL_KEYWORDS } from "../logic/sqlTokens.ts";
import { editorTheme } from "./editorTheme.ts";

/** What the console knows and hears of its editor. */
export interface EditorHost {
  schema: () => Schema;
  onChange: (text: string) => void;
  onRun: () => void;
}

/** A mounted editor. */
export interface Editor {
  /** Show a page of text; each id keeps its own undo history, cursor and marks. */
  show: (id: string, text: string) => void;
  setText: (text: string) => void;
  /** The selection, or all when nothing is selected, and where it starts. */
  chosen: () => { text: string; offset: number };
  mark: (problem: { range: TextRange; message: string } | null) => void;
  goTo: (range: TextRange) => void;
  focus: () => void;
  destroy: () => void;
}

const KINDS: Record<Suggestion["kind"], string> = {
  schema: "namespace", table: "class", column: "property", alias: "variable", keyword: "keyword", function: "function",
};

/** PostgreSQL without the many words that are keywords in its grammar only: `id` and `name` are columns to a reader. */
const DIALECT = SQLDialect.define({ ...PostgreSQL.spec, keywords: [...SQL_KEYWORDS].join(" ") });

function pageNonce(): string {
  const holder = document.querySelector<HTMLElement>("[nonce]");
  return holder?.nonce || holder?.getAttribute("nonce") || "";
}

function complete(host: EditorHost) {
  return (context: CompletionContext): CompletionResult | null => {
    const found = completeSql(context.state.doc.toString(), context.pos, host.schema(), context.explicit);
    if (!found) return null;
    return {
      from: found.from,
      validFor: /^"?[\w$\u0080-\uffff]*$/,
      options: found.suggestions.map(({ kind, ...rest }) => ({
        ...rest,
        type: KINDS[kind],
        ...(kind === "function" ? { apply: (view: EditorView, _: unknown, from: number, to: number) => insertCall(view, rest.label, from, to) } : {}),
      })),
    };
  };
}

function insertCall(view: EditorView, name: string, from: number, to: number): void {
  view.dispatch({ changes: { from, to, insert: `${name}()` }, selection: { anchor: from + name.length + 1 }, userEvent: "input.complete" });
}

/** Mount an editor. Loaded when the console is first opened, so that no other tab pays for it. */
export function createEditor(parent: HTMLElement, host: EditorHost): Editor {
  const states = new Map<string, EditorState>();
  let shown = "";

  const extensions: Extension[] = [
    EditorView.cspNonce.of(pageNonce()),
    keymap.of([{ key: "Mod-Enter", run: () => (host.onRun(), true), preventDefault: true }]),
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    sql({ dialect: DIALECT }),
    syntaxHighlighting(classHighlighter),
    autocompletion({ override: [complete(host)], icons: false, maxRenderedOptions: 60 }),
    placeholder("select …    Ctrl-Enter runs, Ctrl-Space completes"),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, indentWithTab, ...defaultKeymap]),
    EditorView.contentAttributes.of({ "aria-label": "SQL" }),
    EditorView.lineWrapping,
    editorTheme,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) host.onChange(update.state.doc.toString());
    }),
  ];
  const open = (text: string) => EditorState.create({ doc: text, extensions });
  const view = new EditorView({ parent, state: open("") });

  return {
    show(id, text) {
      if (id === shown) return;
      if (shown) states.set(shown, view.state);
      shown = id;
      view.setState(states.get(id) ?? open(text));
    },
    setText(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: text.length } });
    },
    chosen() {
      const { from, to } = view.state.selection.main;
      return from === to ? { text: view.state.doc.toString(), offset: 0 } : { text: view.state.sliceDoc(from, to), offset: from };
    },
    mark(problem) {
      const length = view.state.doc.length;
      const { range, message } = problem ?? {};
      const marks: Diagnostic[] = range ? [{ from: Math.min(range.from, length), to: Math.min(range.to, length), severity: "error", message: message ?? "" }] : [];
      view.dispatch(setDiagnostics(view.state, marks));
    },
    goTo(range) {
      const length = view.state.doc.length;
      view.dispatch({ selection: { anchor: Math.min(range.from, length), head: Math.min(range.to, length) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
