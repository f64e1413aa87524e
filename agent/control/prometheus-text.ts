/** How a metric behaves. */
export type MetricType = 'counter' | 'gauge';

/** Writes the text exposition format of Prometheus, version 0.0.4: each metric's samples together, whoever adds them. */
export class MetricsText {
  readonly #families = new Map<string, { readonly head: string; readonly lines: string[] }>();

  /** Adds a sample; a value that is not known leaves it out. */
  add(name: string, type: MetricType, help: string, labels: string, value: number | undefined): void {
    if (value === undefined) return;
    let family = this.#families.get(name);
    if (!family) {
      family = { head: `# HELP ${name} ${help}\n# TYPE ${name} ${type}`, lines: [] };
      this.#families.set(name, family);
    }
    family.lines.push(labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`);
  }

  /** All of it. */
  toString(): string {
    const parts: string[] = [];
    for (const { head, lines } of this.#families.values()) parts.push(head, ...lines);
    return `${parts.join('\n')}\n`;
  }
}

/** Labels as they stand between the braces. */
export function labelText(labels: Readonly<Record<string, string | number>>): string {
  return Object.entries(labels)
    .map(
      ([name, value]) =>
        `${name}="${String(value).replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
    )
    .join(',');
}
