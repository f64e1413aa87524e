import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulation, type SimulationOptions } from 'virtsnmp';
import { expect, it, onTestFinished } from 'vitest';
import type { Value } from '../../../agent/mib/value.ts';
import { udpWalk } from '../../support/udp-walk.ts';

async function simulate(options: SimulationOptions = {}) {
  const simulation = await createSimulation(options);
  onTestFinished(() => simulation.stop());
  return simulation;
}

function plain(value: Value): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('latin1'));
  if (typeof value === 'string') return JSON.stringify(Buffer.from(value).toString('latin1'));
  return Array.isArray(value) ? JSON.stringify(value.join('.')) : String(value);
}

/** Counts of messages, which a walk over the wire adds to. */
const COUNTS = /^1\.3\.6\.1\.2\.1\.11\./;

it('reads what a manager would get, object by object', async () => {
  const simulation = await simulate();
  await simulation.advance('3 min');
  const wire = await udpWalk(simulation.hosts[0]!.local[0]!.port);
  const own = simulation.walk('1.3').map(({ oid, value }) => `${oid} = ${plain(value)}`);
  const shown = wire.map((line) => line.replace(/ = [0-9a-f]+ /, ' = '));
  // The community of the defaults may not see who else may.
  const isSeen = new Set(shown.map((line) => line.split(' ')[0]));
  const comparable = (lines: readonly string[]) =>
    lines.filter((line) => !COUNTS.test(line) && isSeen.has(line.split(' ')[0]));
  expect(comparable(own)).toEqual(comparable(shown));
  expect(comparable(own).length).toBeGreaterThan(1000);
});

it('gives the same walk and notifications from the same seed and clock, and others from another seed', async () => {
  const run = async (seed: number) => {
    const simulation = await simulate({ seed, clock: '2026-05-01T00:00:00+02:00' });
    await simulation.advance('20 min');
    return { walk: simulation.walk('1.3'), told: simulation.takeNotifications() };
  };
  const first = await run(3);
  expect(await run(3)).toEqual(first);
  expect((await run(4)).walk).not.toEqual(first.walk);
});

it('begins at the date it is given, and passes as much time as it is told', async () => {
  const simulation = await simulate({ clock: '2026-05-01T00:00:00Z' });
  expect(simulation.now.toISOString()).toBe('2026-05-01T00:00:00.000Z');
  await simulation.advance(1500);
  await simulation.advance('1 h');
  expect(simulation.nowMs).toBe(3_601_500);
  expect(simulation.get('sysUpTime.0')).toBe(360_150);
  await expect(simulation.advance('soon')).rejects.toThrow('"soon" is no span of time; expected whole ms');
  await expect(simulation.advance(-1)).rejects.toThrow('no span of time');
  await expect(createSimulation({ clock: 'noon' })).rejects.toThrow(
    'clock: "noon" is no date; expected ISO 8601, such as 2026-01-01T00:00:00Z',
  );
});

it('tells what is named wrongly, and what would be right', async () => {
  const simulation = await simulate({ config: { inventory: { list: [{ name: 'web-01' }] } } });
  expect(() => simulation.get('sysUptime.0')).toThrow('no object sysUptime; did you mean sysUpTime?');
  expect(() => simulation.get('libvirtGuestState[web-11]')).toThrow(
    'host-1 has no guest web-11; did you mean web-01?',
  );
  expect(() => simulation.get('sysUpTime.0', 'nowhere')).toThrow('no host nowhere; expected one of host-1');
  expect(() => simulation.walk('sys UpTime')).toThrow('names no object');
  expect(simulation.get('sysUpTime.1')).toBeUndefined();
  await expect(createSimulation({ config: { inventory: { guest: 3 } } })).rejects.toThrow(
    'inventory.guest: an unknown option; did you mean guests?',
  );
});

it('takes what the control API takes, and passes on its refusals', async () => {
  const simulation = await simulate({ config: { inventory: { list: [{ name: 'web-01' }] } } });
  expect(await simulation.api('GET', '/guests')).toMatchObject([{ name: 'web-01', state: 'RUNNING' }]);
  await simulation.api('POST', '/guests/web-01/actions', { action: 'suspend' });
  expect(simulation.get('libvirtGuestState[web-01]')).toBe(3);
  await expect(simulation.api('POST', '/guests/web-02/actions', { action: 'suspend' })).rejects.toThrow(
    'POST /guests/web-02/actions: no guest web-02; did you mean web-01?',
  );
});

it('hands over each notification once, from the first on', async () => {
  const simulation = await simulate({ config: { inventory: { list: [{ name: 'web-01' }] } } });
  expect(simulation.takeNotifications().map(({ name, atMs }) => [name, atMs])).toEqual([['coldStart', 0]]);
  await simulation.api('POST', '/guests/web-01/actions', { action: 'suspend' });
  const [told] = simulation.takeNotifications();
  expect(told).toMatchObject({ host: 'host-1', name: 'libvirtGuestNotif', oid: '1.3.6.1.4.1.36957.0.1' });
  expect(told!.varbinds[0]!.name).toMatch(/^libvirtGuestName\.\d+/);
  expect(told!.varbinds[0]!.value).toBe('web-01');
  expect(simulation.takeNotifications()).toEqual([]);
});

it('reads a file, and leaves nothing open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-library-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'fleet.yaml');
  writeFileSync(file, 'agent: { port: 0 }\ncontrol: { listen: [] }\ninventory: { hosts: 2, guests: 1 }\n');
  const simulation = await createSimulation({ config: file });
  expect(simulation.hosts.map(({ name }) => name)).toEqual(['host-1', 'host-2']);
  await Promise.all([simulation.stop(), simulation.stop()]);
  writeFileSync(file, 'inventory: { hosts: x }\n');
  await expect(createSimulation({ config: file })).rejects.toThrow(/fleet\.yaml:1:21 inventory\.hosts/);
});

it('is documented with the example that is run', () => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  expect(read('docs/LIBRARY.md')).toContain(
    `\`\`\`ts\n${read('test/example/alert.test.ts').trimEnd()}\n\`\`\``,
  );
});
