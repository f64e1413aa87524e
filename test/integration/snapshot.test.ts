import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandHere } from '../support/command-here.ts';
import { freePort } from '../support/free-port.ts';
import { virtsnmp } from '../support/own-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { udpWalk } from '../support/udp-walk.ts';

const GUEST_TABLE = '1.3.6.1.4.1.36957.1.1.1';

/** A program that serves with a standing clock. */
async function served(...args: string[]) {
  const [port, api] = [await freePort(), await freePort()];
  const folder = temporaryFolder();
  const config = join(folder, 'agent.yaml');
  writeFileSync(
    config,
    `agent: {port: ${port}}\nemulation: {speed: 0}\ninventory: {guests: 4}\nstate: state\n`,
  );
  const daemon = virtsnmp(['serve', '--config', config, '--api', String(api), ...args]);
  await daemon.until('snmptrapd');
  const url = `http://127.0.0.1:${api}`;
  return { port, daemon, run: (...what: string[]) => commandHere(url, {}, ...what) };
}

/** What a manager sees of the guests. */
async function guests(port: number): Promise<string[]> {
  return (await udpWalk(port)).filter((line) => line.startsWith(GUEST_TABLE));
}

describe('two runs from one snapshot', () => {
  it('are the same without a fault, and differ by what a fault does', async () => {
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, name);
    const one = await served();
    await one.run('clock', 'step', '90s');
    const [guest] = JSON.parse((await one.run('list', '--json')).out) as { name: string }[];
    const { name } = guest!;
    expect((await one.run('suspend', name)).code).toBe(0);
    expect(await one.run('snapshot', 'save', file('base'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/base: the state at 90\.000 s, \d+ octets\n$/),
    });
    expect(statSync(file('base')).mode & 0o777).toBe(0o600);

    const fork = await served('--snapshot', file('base'));
    expect(fork.daemon.err()).toContain('simulated seconds replayed: 90 of 90');
    expect(await guests(fork.port)).toEqual(await guests(one.port));
    for (const { run } of [one, fork]) expect((await run('resume', name)).code).toBe(0);
    expect((await fork.run('fault', 'raise', 'memory-leak', '--guest', name)).code).toBe(0);
    for (const [which, { run }] of [
      ['a', one],
      ['b', fork],
    ] as const) {
      await run('clock', 'step', '60s');
      expect((await run('snapshot', 'save', file(which))).code).toBe(0);
    }
    const differ = await one.run('snapshot', 'diff', file('a'), file('b'), '--only', 'faults', 'state');
    expect(differ.code).toBe(1);
    expect(differ.out.split('\n').slice(2)).toEqual([`${name} (host-1): fault only in B: memory-leak`, '']);
    const data = JSON.parse((await one.run('snapshot', 'diff', file('a'), file('b'), '--json')).out) as {
      differences: { guest?: { name: string }; values: { name: string }[] }[];
    };
    const leaking = data.differences.find((each) => each.guest?.name === name)!;
    expect(leaking.values.map((value) => value.name)).toContain('balloon.unused');

    // Taken back and played without the fault, the fork is what the other one is.
    expect(await fork.run('snapshot', 'restore', file('base'))).toMatchObject({
      code: 0,
      out: expect.stringContaining('restored: 1 hosts with 4 guests, at 90.000 s'),
    });
    await fork.run('resume', name);
    await fork.run('clock', 'step', '60s');
    await fork.run('snapshot', 'save', file('c'));
    expect(await one.run('snapshot', 'diff', file('a'), file('c'))).toEqual({ code: 0, out: '', err: '' });
    expect(await guests(fork.port)).toEqual(await guests(one.port));
  });

  it('are not begun from what is no snapshot', async () => {
    const folder = temporaryFolder();
    const damaged = join(folder, 'damaged');
    const one = await served();
    await one.run('snapshot', 'save', damaged);
    writeFileSync(damaged, readFileSync(damaged, 'latin1').replace('"seed":', '"sead":'), 'latin1');
    const why = expect.stringContaining(`virtsnmp: ${damaged}: `);
    expect(await one.run('snapshot', 'restore', damaged)).toMatchObject({ code: 1, err: why });
    expect(await one.run('snapshot', 'diff', damaged, damaged)).toMatchObject({ code: 2, err: why });
    const absent = join(folder, 'absent');
    expect(await one.run('snapshot', 'diff', absent, damaged)).toMatchObject({
      code: 2,
      err: expect.stringContaining('absent cannot be read'),
    });
    const fork = virtsnmp(['serve', '--snapshot', damaged, '--port', '0', '--api', 'off']);
    expect(await fork.exit).toBe(1);
    expect(fork.err()).toContain(`virtsnmp: ${damaged}: `);
  });
});
