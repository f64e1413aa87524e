import { createHash } from 'node:crypto';
import { PAGE_FILES } from './page-path.ts';
import { vendoredModules } from './vendor.ts';

/** The page and the policy that it is served with. */
export interface Shell {
  readonly html: string;
  /** Content-Security-Policy: only this page's own files, and nothing inline but the import map, by its hash. */
  readonly policy: string;
}

/** The one page of the web console. `modules`: its scripts by their path below `/ui/`, which the browser loads at once. */
export function shell(modules: readonly string[]): Shell {
  const imports = Object.fromEntries(
    vendoredModules().map(({ specifier, served }) => [specifier, `${PAGE_FILES}vendor/${served}`]),
  );
  const importMap = JSON.stringify({ imports });
  const hash = createHash('sha256').update(importMap).digest('base64');
  const preloads = modules.map((path) => `    <link rel="modulepreload" href="${PAGE_FILES}${path}">\n`);
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>virtsnmp</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="${PAGE_FILES}static/icon.svg">
    <link rel="stylesheet" href="${PAGE_FILES}vendor/uplot.css">
    <link rel="stylesheet" href="${PAGE_FILES}static/tokens.css">
    <link rel="stylesheet" href="${PAGE_FILES}static/base.css">
    <link rel="stylesheet" href="${PAGE_FILES}static/parts.css">
    <link rel="stylesheet" href="${PAGE_FILES}static/views.css">
    <script type="importmap">${importMap}</script>
${preloads.join('')}    <script type="module" src="${PAGE_FILES}app/main.js"></script>
  </head>
  <body>
    <div id="app"><noscript>The web console needs JavaScript; the API is described at /openapi.json.</noscript></div>
  </body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
