import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pageFiles } from '../../../agent/control/page/page-files.ts';
import { shell } from '../../../agent/control/page/shell.ts';
import { ControlLaboratory } from './laboratory.ts';

describe('the web console, as it is served', () => {
  it('is one page whose policy allows nothing inline but its import map', () => {
    const { html, policy } = shell(['app/main.js']);
    const [, importMap] = /<script type="importmap">(.*?)<\/script>/.exec(html)!;
    const hash = createHash('sha256').update(importMap!).digest('base64');
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`);
    expect(policy).not.toContain('unsafe');
    expect(policy).toMatch(/^default-src 'none';/);
    const { imports } = JSON.parse(importMap!) as { imports: Record<string, string> };
    const files = pageFiles('/nowhere');
    for (const path of Object.values(imports)) expect([...files.keys()]).toContain(path.replace('/ui/', ''));
  });

  it('serves its own files and no others', async () => {
    const lab = new ControlLaboratory();
    expect((await lab.ask('GET', '/ui/vendor/preact.js')).status).toBe(200);
    const { headers } = await lab.ask('GET', '/ui/static/base.css');
    expect(headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const again = await lab.ask('GET', '/ui/static/base.css', undefined, {
      'If-None-Match': headers.get('etag')!,
    });
    expect(again.status).toBe(304);
    for (const path of [
      '/ui/static/../package.json',
      '/ui/static/..%2f..%2f..%2fpackage.json',
      '/ui/vendor/../../../package.json',
      '/ui/static/',
      '/ui/constructor',
    ])
      expect([path, (await lab.ask('GET', path)).status]).toEqual([path, 404]);
  });

  it('says how it is built when it is not', async () => {
    expect(await new ControlLaboratory().ask('GET', '/')).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('npm run build') },
    });
  });

  it('can be opened without the token that the API wants, by the names that the API has', async () => {
    const lab = new ControlLaboratory({ token: 'secret' });
    expect((await lab.ask('GET', '/ui/static/base.css')).status).toBe(200);
    for (const path of ['/guests', '/mib', '/rates', '/ui'])
      expect([path, (await lab.ask('GET', path)).status]).toEqual([path, 401]);
    const elsewhere = { Host: 'elsewhere.example' };
    expect((await lab.ask('GET', '/ui/static/base.css', undefined, elsewhere)).status).toBe(403);
  });
});
