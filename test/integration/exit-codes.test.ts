import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../../agent/cli/exit-code.ts';
import { PACKAGE_ROOT } from '../../agent/util/package-info.ts';
import { command, served } from '../support/control-daemon.ts';

const NOBODY = 'http://127.0.0.1:1';

describe('exit codes', () => {
  it('are in the document', () => {
    const text = readFileSync(join(PACKAGE_ROOT, 'docs/CONTROL.md'), 'utf8');
    const rows = [...text.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
    expect(rows).toEqual(Object.values(EXIT));
  });

  it.each([
    [EXIT.ok, ['mibs']],
    [EXIT.usage, ['lst']],
    [EXIT.usage, ['list', '--jsno']],
    [EXIT.usage, ['fault', 'raise', 'memory-leek']],
    [EXIT.usage, ['get', '127.0.0.1', 'sysUpTim.0']],
    [EXIT.usage, ['serve', '--seed', 'many', '--api', 'off']],
    [EXIT.unreachable, ['list']],
    [EXIT.failed, ['inventory', 'check', '/nonexistent.xml']],
  ])('%i: virtsnmp %j', async (code, args) => {
    expect((await command(NOBODY, {}, ...args)).code).toBe(code);
  });

  it('are those of a running daemon', async () => {
    const { run } = await served();
    const [guest] = JSON.parse((await run('list', '--json')).out) as { name: string }[];
    expect((await run('dominfo', guest!.name)).code).toBe(EXIT.ok);
    expect((await run('dominfo', 'nobody')).code).toBe(EXIT.notFound);
    expect((await run('fault', 'clear', '99')).code).toBe(EXIT.refused);
    expect((await run('start', guest!.name)).code).toBe(EXIT.refused);
    expect((await run('clock', 'seed')).out).toBe('1\n');
    const other = await run('clock', 'seed', '7');
    expect(other).toMatchObject({ code: EXIT.refused, err: expect.stringContaining('serve --seed 7') });
  });

  it('tell of a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address() as { port: number };
    const { code, err } = await command(NOBODY, {}, 'serve', '--port', '0', '--api', String(address.port));
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('cannot listen');
  });
});
