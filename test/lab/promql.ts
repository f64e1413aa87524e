/** Names of the series that an expression asks for. */
export function metricNames(expr: string): string[] {
  const bare = expr
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b\d[\w.]*/g, '')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const words = bare.match(/[A-Za-z_:][A-Za-z0-9_:]*(?!\w*\s*\()/g) ?? [];
  return words.filter((word) => !KEYWORDS.has(word));
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

const SPAN = /^(?:\d+(?:ms|[smhd]))+$/;
const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration of Prometheus, such as 90s or 1h30m, in ms. */
export function durationMs(text: string): number {
  if (!SPAN.test(text)) throw new RangeError(`${text}: no duration`);
  const parts = text.matchAll(/(\d+)(ms|[smhd])/g);
  return Array.from(parts, ([, count, unit]) => Number(count) * MS[unit as keyof typeof MS]).reduce(
    (sum, ms) => sum + ms,
  );
}

/** The expression with all its windows shorter by a factor, for a simulation that goes that much faster. */
export function faster(expr: string, factor: number): string {
  return expr.replace(/\[([^\]]*)\]/g, (_all, span: string) => `[${fasterSpan(span, factor)}]`);
}

/** A duration that is shorter by a factor. */
export function fasterSpan(span: string, factor: number): string {
  return `${Math.max(1, Math.round(durationMs(span) / factor))}ms`;
}
