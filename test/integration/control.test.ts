import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, served } from '../support/control-daemon.ts';
import { virtsnmp } from '../support/own-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { udpWalk } from '../support/udp-walk.ts';

const GUEST_STATE = '1.3.6.1.4.1.36957.1.1.1.3';

describe('the commands that talk to a daemon', () => {
  it('do over HTTP what is seen over SNMP', async () => {
    const { port, run } = await served();
    const listed = await run('list', '--all', '--json');
    const [guest] = (JSON.parse(listed.out) as { name: string; state: string }[]).filter(
      ({ state }) => state === 'RUNNING',
    );
    const name = guest!.name;
    expect(await run('suspend', name)).toMatchObject({ code: 0, out: `Domain '${name}' suspended\n` });
    expect(await run('domstate', name, '--reason')).toMatchObject({ code: 0, out: 'paused (user)\n\n' });
    const paused = (await udpWalk(port)).filter(
      (line) => line.startsWith(GUEST_STATE) && line.endsWith(' = 2 3'),
    );
    expect(paused).toHaveLength(1);
    expect(await run('suspend', name)).toMatchObject({
      code: 5,
      err: expect.stringContaining(`domain ${name} is paused`),
    });
    expect((await run('resume', name)).code).toBe(0);
    const { out } = await run('clock', 'step', '90s');
    expect(out).toContain('Since the start:  90.000 s');
    expect((await run('domstats', name, '--state')).out).toBe(
      `Domain: '${name}'\n  state.state=1\n  state.reason=5\n\n`,
    );
    expect((await run('list')).out).toMatch(/^ Id +Name +State\n-+\n [0-9]+ +\S+ +running\n/);
    const nearest = `${name.slice(0, -1)}x`;
    expect(await run('dominfo', nearest)).toMatchObject({
      code: 4,
      err: `virtsnmp: no guest ${nearest}; did you mean ${name}?\n`,
    });
    expect((await run('clock', 'step', 'soon')).code).toBe(2);
    expect((await run('frobnicate')).code).toBe(2);
  });

  it('follow what happens', async () => {
    const { run, url } = await served();
    const [guest] = JSON.parse((await run('list', '--json')).out) as { name: string }[];
    const name = guest!.name;
    const following = command(url, {}, 'event', '--since', '0', '--count', '2', '--json');
    await run('suspend', name);
    await run('resume', name);
    const lines = (await following).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ event, guest, cause }) => [event, guest, cause])).toEqual([
      ['SUSPENDED/PAUSED', name, 'control'],
      ['RESUMED/UNPAUSED', name, 'control'],
    ]);
    const response = await fetch(`${url}/openapi.json`);
    expect(((await response.json()) as { openapi: string }).openapi).toBe('3.1.0');
  });

  it('say where nobody answers', async () => {
    const { code, err } = await command('http://127.0.0.1:1', {}, 'list');
    expect(code).toBe(3);
    expect(err).toContain('http://127.0.0.1:1 does not answer');
  });

  it('use a token, and a Unix socket that is only for its owner', async () => {
    const token = 'a-token-for-this-test';
    const folder = temporaryFolder();
    const socket = join(folder, 'api.sock');
    const { run, url, daemon } = await served(`, token: "\${TOKEN}", socket: ${socket}`, { TOKEN: token });
    expect(await run('list')).toMatchObject({
      code: 5,
      err: expect.stringContaining('Authorization: Bearer'),
    });
    expect((await command(url, { VIRTSNMP_TOKEN: token }, 'list')).code).toBe(0);
    expect((await command(socket, {}, 'list')).code).toBe(0);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(daemon.out() + daemon.err()).not.toContain(token);
  });

  it('are refused a start beyond loopback without a token', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'open.yaml');
    writeFileSync(file, 'control:\n  listen: 0.0.0.0\n');
    const daemon = virtsnmp(['serve', '--config', file, '--port', '0', '--api', '8161']);
    expect(await daemon.exit).toBe(2);
    expect(daemon.err()).toContain('2:11 control.listen: 0.0.0.0 can be reached from elsewhere');
  });
});
