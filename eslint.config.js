import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const STYLE_RULES = [
  {
    selector: "JSXAttribute[name.name='style']",
    message: "No inline styles: use Tailwind utilities and tokens; geometry goes through setGeometry (D20).",
  },
  {
    selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
    message: "Text of a target is drawn as text.",
  },
  {
    selector: "Literal[value=/#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})\\b/i]",
    message: "No hex colours: use a semantic token such as text-destructive.",
  },
  {
    selector: "Literal[value=/\\[[0-9.]+px\\]|\\b[0-9.]+px\\b/]",
    message: "No pixel sizes: use the spacing and text scales.",
  },
  {
    selector: "TemplateElement[value.raw=/\\[[0-9.]+px\\]/]",
    message: "No pixel sizes: use the spacing and text scales.",
  },
  {
    selector: "Literal[value=/\\b(?:bg|text|border|ring|fill|stroke)-(?:red|green|blue|amber|yellow|slate|gray|zinc|neutral|orange|white|black)\\b/]",
    message: "Palette colours do not follow the theme: use a semantic token.",
  },
];

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-restricted-syntax": ["error", ...STYLE_RULES],
      "no-console": "error",
      "no-warning-comments": ["error", { terms: ["todo", "fixme"] }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    files: ["**/*.tsx"],
    rules: { "max-lines": ["error", { max: 160, skipBlankLines: true, skipComments: true }] },
  },
  {
    // The one place that may write to an element's style: it sets CSS variables only (D20).
    files: ["sdk/ui/src/geometry.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["**/*.{ts,tsx}"],
    ignores: ["sdk/ui/src/geometry.ts"],
    rules: {
      "no-restricted-properties": ["error", { property: "style", message: "Set CSS variables with setGeometry (D20)." }],
    },
  },
);
