import type { OpenAPIHono } from '@hono/zod-openapi';
import { etag } from 'hono/etag';
import type { ControlContext } from '../context.ts';
import { refuse } from '../guard.ts';
import { pageFiles } from './page-files.ts';
import { PAGE_FILES } from './page-path.ts';
import { shell } from './shell.ts';

const HEADERS = {
  'Cache-Control': 'no-cache',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

/** Serves the web console: one page and its files, without anything of the simulation in them. */
export function pageRoutes(app: OpenAPIHono, { pageScripts }: ControlContext): void {
  const files = pageFiles(pageScripts);
  const modules = [...files.keys()].filter((path) => path.endsWith('.js'));
  const { html, policy } = shell(modules);
  app.get('/', (context) => {
    if (!files.has('app/main.js'))
      return refuse(
        503,
        'NOT_FOUND',
        `the web console is not built: ${pageScripts} has no main.js; run npm run build`,
      );
    return context.html(html, 200, { ...HEADERS, 'Content-Security-Policy': policy });
  });
  app.use(`${PAGE_FILES}*`, etag());
  app.get(`${PAGE_FILES}*`, (context) => {
    const file = files.get(context.req.path.slice(PAGE_FILES.length));
    if (!file) return context.notFound();
    return context.body(new Uint8Array(file.read()), 200, { ...HEADERS, 'Content-Type': file.type });
  });
}
