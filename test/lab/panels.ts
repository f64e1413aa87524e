import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DASHBOARDS } from './files.ts';

/** A query that a dashboard shows. */
export interface PanelQuery {
  /** File, and title of the panel. */
  readonly where: string;
  /** As it stands there, with Grafana's variables. */
  readonly expr: string;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly panels?: readonly Panel[];
}

/** The files of Grafana's dashboards. */
export function grafanaFiles(): string[] {
  return filesIn('grafana', '.json');
}

/** All queries of Grafana's dashboards. */
export function grafanaQueries(): PanelQuery[] {
  return grafanaFiles().flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[] };
    return panels
      .flatMap((panel) => [panel, ...(panel.panels ?? [])])
      .flatMap(({ title, targets = [] }) =>
        targets.map(({ expr }) => ({ where: `${basename(file)}: ${title}`, expr })),
      );
  });
}

/** The query as Grafana asks it with all guests and hosts chosen, and with windows of one minute. */
export function filled(expr: string): string {
  return expr.replace(/\$__rate_interval/g, '2m').replace(/\$\w+/g, '.*');
}

/** The files of the console templates. */
export function consoleFiles(): string[] {
  return filesIn('prometheus/consoles', '.html');
}

function filesIn(folder: string, ending: string): string[] {
  const path = join(DASHBOARDS, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => join(path, name));
}
