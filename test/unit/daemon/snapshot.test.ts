import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../../agent/daemon/daemon.ts';
import { createSimulation } from '../../../agent/library/simulation.ts';
import { instancesBelow } from '../../../agent/mib/instances.ts';
import { decodeSnapshot } from '../../../agent/snapshot/document.ts';
import { RecordedRun } from '../../../agent/snapshot/recorded-run.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

/** snmpEngine: the engine's ID, boots, time and largest message (RFC 3411). */
const SNMP_ENGINE = [1, 3, 6, 1, 6, 3, 10, 2, 1];

const ALARM_ACTIVE_TABLE = '1.3.6.1.2.1.118.1.2.2';
const ALARM_CLEAR_TABLE = '1.3.6.1.2.1.118.1.3.2';

async function ask(daemon: Daemon, method: string, path: string, body?: string): Promise<Response> {
  const headers = { Host: 'localhost', 'Content-Type': 'application/json' };
  return await daemon.api()(
    new Request(`http://localhost${path}`, { method, headers, ...(body !== undefined && { body }) }),
  );
}

/** A daemon whose first guest was paused after a minute, with its snapshot. */
async function pausedGuest(state?: string) {
  const { daemon, clock, port } = await startDaemon(testConfig({}, state === undefined ? {} : { state }));
  clock.advanceTo(60_000);
  const [host] = daemon.hypervisor.hosts;
  const guest = [...host!.domains].find((domain) => domain.isActive)!;
  daemon.hypervisor.apply({ op: 'act', domain: guest, action: 'suspend' });
  clock.advanceTo(61_000);
  const text = await (await ask(daemon, 'GET', '/snapshot')).text();
  return { daemon, clock, port, name: guest.name, text };
}

describe('a daemon that serves', () => {
  it.each([['with a state folder'], ['without one']])('goes on from a snapshot, %s', async (which) => {
    const folder = join(temporaryFolder(), 'state');
    mkdirSync(folder);
    const { daemon, clock, port, name, text } = await pausedGuest(
      which.startsWith('without') ? undefined : folder,
    );
    const before = daemon.hypervisor;
    const engine = () => {
      const registry = daemon.registryOf(daemon.hypervisor.hosts[0]!)!;
      return Array.from(instancesBelow(registry, SNMP_ENGINE), ({ value }) => value);
    };
    const [id, boots] = engine();
    // What happens after the snapshot is as if it had never been.
    clock.advanceTo(90_000);
    before.apply({ op: 'act', domain: before.hosts[0]!.domains.byName(name)!, action: 'destroy' });
    const told = await (await ask(daemon, 'GET', '/events?since=0')).body!.getReader();
    const response = await ask(daemon, 'PUT', '/snapshot', text);
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { hosts: 1, guests: 3, nowMs: 61_000, now: '2026-01-05T00:01:01.000Z' },
    ]);
    expect(daemon.hypervisor).not.toBe(before);
    expect(daemon.clock.nowMs).toBe(61_000);
    expect(daemon.hosts[0]!.local[0]!.port).toBe(port);
    const [idAfter, bootsAfter, timeAfter] = engine();
    expect([idAfter, bootsAfter, timeAfter]).toEqual([id, (boots as number) + 1, 0]);
    // Those who follow are let go, and find the new fleet when they come back.
    let last = await told.read();
    while (!last.done) last = await told.read();
    const again = await (await ask(daemon, 'GET', '/snapshot')).text();
    expect(again).toBe(text);
    expect(await (await ask(daemon, 'GET', `/guests/${name}`)).json()).toMatchObject({ state: 'PAUSED' });
    expect(await (await ask(daemon, 'GET', '/snapshot/progress')).json()).toEqual({ restoring: false });
  });

  it('stays as it is when a snapshot is refused', async () => {
    const { daemon, text } = await pausedGuest();
    const before = daemon.hypervisor;
    const damaged = await ask(daemon, 'PUT', '/snapshot', text.replace('61000', '61001'));
    expect([damaged.status, await damaged.json()]).toMatchObject([400, { code: 'SNAPSHOT_INVALID' }]);
    const octets = Buffer.from(text);
    await expect(daemon.snapshots.restore(octets, AbortSignal.abort())).rejects.toMatchObject({
      code: 'OPERATION_FAILED',
    });
    expect(daemon.hypervisor).toBe(before);
    expect(daemon.hosts[0]!.local).toHaveLength(1);
  });

  it('restores one snapshot at a time, and tells how far it is', async () => {
    const { daemon, text } = await pausedGuest();
    const octets = Buffer.from(text);
    const restoring = daemon.snapshots.restore(octets, new AbortController().signal);
    expect(await (await ask(daemon, 'GET', '/snapshot/progress')).json()).toMatchObject({
      restoring: true,
      ofMs: 61_000,
    });
    const second = await ask(daemon, 'PUT', '/snapshot', text);
    expect([second.status, await second.json()]).toMatchObject([409, { code: 'OPERATION_INVALID' }]);
    await restoring;
    expect(daemon.clock.nowMs).toBe(61_000);
  });

  it('is refused hosts that have nowhere to listen, and goes on', async () => {
    const run = new RecordedRun(new VirtualClock({ epochMs: 0 }), { seed: 1 });
    run.hypervisor.addHost('one');
    run.hypervisor.addHost('two');
    const { agent, inventory } = testConfig();
    const { daemon, port } = await startDaemon(
      testConfig(
        {},
        {
          agent: { ...agent, port: 65_535, listen: ['127.0.0.9'] },
          inventory: { ...inventory, addressing: 'port' },
        },
      ),
    );
    const text = Buffer.concat(run.snapshot()).toString();
    const response = await ask(daemon, 'PUT', '/snapshot', text);
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      500,
      expect.stringContaining('host 2 of the snapshot has nowhere to listen'),
    ]);
    expect(daemon.hosts[0]!.local[0]!.port).toBe(port);
  });

  it('leaves a restored fleet as it is when its configuration is read again', async () => {
    const { daemon, text } = await pausedGuest();
    await ask(daemon, 'PUT', '/snapshot', text);
    daemon.reload(testConfig({ guests: 1 }));
    expect(daemon.hypervisor.hosts[0]!.domains.size).toBe(3);
  });
});

describe('a daemon that starts from a snapshot', () => {
  it('has its fleet, whatever its configuration says, and a clock of its own', async () => {
    const { name, text } = await pausedGuest();
    const { daemon } = await startDaemon(testConfig({ guests: 9 }), () => ({}), {
      snapshot: decodeSnapshot(Buffer.from(text), 'it'),
    });
    expect(daemon.hypervisor.hosts[0]!.domains.size).toBe(3);
    expect(daemon.clock.nowMs).toBe(61_000);
    expect(daemon.hypervisor.hosts[0]!.domains.byName(name)!.state).toBe(3);
    expect(await (await ask(daemon, 'GET', '/snapshot')).text()).toBe(text);
  });
});

describe('a simulation in a test', () => {
  it('is taken back to where it was', async () => {
    await using simulation = await createSimulation({ seed: 3 });
    await simulation.advance('30 s');
    const snapshot = simulation.snapshot();
    expect(await simulation.api('GET', '/snapshot')).toBe(Buffer.from(snapshot).toString());
    const before = simulation.walk('libvirtObjects');
    await simulation.api('POST', '/faults', { kind: 'host-crash' });
    await simulation.advance('30 s');
    expect(simulation.walk('libvirtObjects')).not.toEqual(before);
    await simulation.restore(snapshot);
    expect(simulation.nowMs).toBe(30_000);
    expect(simulation.walk('libvirtObjects')).toEqual(before);
  });

  it('goes on from an instant at which the agent itself had something to do', async () => {
    // Triggers sample each 10 s, and VM-MIB's window ends 10 s after the guest was paused.
    const trigger = { name: 't', object: 'libvirtGuestState.*', every: 10, existence: { on: 'changed' } };
    const traps = { families: ['vm'], vm: { bulk: true, window: 10 } };
    await using simulation = await createSimulation({ seed: 3, config: { triggers: [trigger], traps } });
    await simulation.advance('10 s');
    const [guest] = (await simulation.api('GET', '/guests')) as { uuid: string }[];
    await simulation.api('POST', `/guests/${guest!.uuid}/actions`, { action: 'suspend' });
    await simulation.advance('10 s');
    await simulation.api('POST', `/guests/${guest!.uuid}/actions`, { action: 'resume' });
    const snapshot = simulation.snapshot();
    const before = simulation.walk('libvirtObjects');
    await simulation.advance('10 s');
    await simulation.restore(snapshot);
    expect(simulation.nowMs).toBe(20_000);
    expect(simulation.walk('libvirtObjects')).toEqual(before);
  });

  it('has the alarms that were up, and those that had been', async () => {
    await using simulation = await createSimulation({ seed: 3 });
    const fault = async (kind: string) => {
      const faults = (await simulation.api('POST', '/faults', { kind })) as { id: number }[];
      await simulation.advance('2 min');
      return faults.at(-1)!.id;
    };
    await simulation.api('DELETE', `/faults/${await fault('host-nic-down')}`);
    await simulation.advance('2 min');
    await fault('host-nic-down');
    const cleared = simulation.walk(ALARM_CLEAR_TABLE);
    const active = simulation.walk(ALARM_ACTIVE_TABLE).map(({ oid }) => oid);
    expect(cleared.length).toBeGreaterThan(0);
    expect(active.length).toBeGreaterThan(0);
    const snapshot = simulation.snapshot();
    simulation.takeNotifications();
    await simulation.restore(snapshot);
    expect(simulation.walk(ALARM_CLEAR_TABLE)).toEqual(cleared);
    expect(simulation.walk(ALARM_ACTIVE_TABLE).map(({ oid }) => oid)).toEqual(active);
    // What was told before is not told again: an agent starts, and that is all.
    expect(simulation.takeNotifications().map(({ name }) => name)).toEqual(['coldStart']);
    const sysUpTime = simulation.get('sysUpTime.0');
    expect(sysUpTime).toBe(0);
  });
});
