/** Is this a plan that somebody pasted, rather than a statement? */
export function isPlanText(text: string): boolean {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) return /"Plan"\s*:/.test(trimmed);
  return /\(cost=[\d.]+\.\.[\d.]+ rows=\d+ width=\d+\)/.test(trimmed) && !/^\s*(select|with|explain|insert|update|delete|merge)\b/i.test(trimmed);
}
