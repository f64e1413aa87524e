import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';
import { PATIENCE_MS } from './patience.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Nothing that a browser does of its own shall reach the network, or wait for it. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const root = resolve(import.meta.dirname, '../..');

/** Like `describe`, for tests that need a browser: skipped without it, but an error under CI=true. */
export function describeWithBrowser(name: string, body: () => void): void {
  const missing = existsSync(CHROMIUM) ? undefined : `${CHROMIUM} not found (Debian: chromium)`;
  if (missing && process.env['CI'] === 'true') throw new Error(missing);
  if (missing) describe.skip(`${name}: ${missing}`, body);
  else describe(name, body);
}

/** Starts the browser; whoever does ends it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Compiles the web console's scripts into a folder of their own; `remove` takes it away. */
export function compiledPage(): { readonly scripts: string; readonly remove: () => void } {
  const scripts = mkdtempSync(join(tmpdir(), 'virtsnmp-page-'));
  const tsc = join(root, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['-p', join(root, 'agent/web/tsconfig.json'), '--outDir', scripts], { cwd: root });
  return { scripts, remove: () => rmSync(scripts, { recursive: true, force: true }) };
}

/** A page and what went wrong on it: errors of scripts, of the console, and of its Content-Security-Policy. */
export interface WatchedPage {
  readonly page: Page;
  readonly troubles: string[];
}

/** Opens a page in a context of its own. `expected`: what of the console's errors is part of the test. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
  expected: (text: string) => boolean = () => false,
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected(message.text())) troubles.push(message.text());
  });
  await page.addInitScript({
    content:
      "addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective, e.blockedURI))",
  });
  return { page, troubles };
}

/**
 * What axe-core finds that is serious or critical, as `rule: elements`; of its rules about colours alone where the
 * others have been looked at.
 */
export async function accessibilityTroubles(page: Page, coloursOnly = false): Promise<string[]> {
  const rules = coloursOnly ? 'runOnly: ["color-contrast", "link-in-text-block"], ' : '';
  await page.evaluate(`window.axe ?? (() => { ${axe.source} })()`);
  const found = await page.evaluate<{ id: string; impact: string; nodes: { target: string[] }[] }[]>(
    `window.axe.run(document, { ${rules}resultTypes: ["violations"] }).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** By how many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Presses Tab until the element with that name and role has the focus. */
export async function tabTo(page: Page, role: 'button' | 'link' | 'searchbox', name: string): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true });
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press('Tab');
    if ((await wanted.and(page.locator(':focus')).count()) > 0) return;
  }
  throw new Error(`Tab does not reach the ${role} ${name}`);
}
