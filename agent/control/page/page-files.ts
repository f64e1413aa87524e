import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../util/package-info.ts';
import { vendoredModules, vendoredStyle } from './vendor.ts';

const SCRIPT = 'text/javascript; charset=utf-8';
const TYPES = { '.js': SCRIPT, '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' } as const;

/** One file of the web console. */
export interface PageFile {
  readonly type: string;
  read(): Buffer;
}

/**
 * The files of the web console by their path below `/ui/`: its compiled scripts (`app/`), what needs no compiling
 * (`static/`) and the libraries (`vendor/`). Whatever is not listed here cannot be asked for.
 */
export function pageFiles(scripts: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  const add = (served: string, path: string, type: string) => {
    let content: Buffer | undefined;
    files.set(served, { type, read: () => (content ??= readFileSync(path)) });
  };
  for (const name of filesBelow(scripts, ['.js'])) add(`app/${name}`, join(scripts, name), SCRIPT);
  const statics = join(PACKAGE_ROOT, 'agent', 'web', 'static');
  for (const name of filesBelow(statics, ['.css', '.svg']))
    add(`static/${name}`, join(statics, name), typeOf(name));
  for (const { served, path } of vendoredModules()) add(`vendor/${served}`, path, SCRIPT);
  add('vendor/uplot.css', vendoredStyle(), TYPES['.css']);
  return files;
}

function filesBelow(folder: string, endings: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .sort();
}

function typeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf('.')) as keyof typeof TYPES;
  return TYPES[ending];
}
