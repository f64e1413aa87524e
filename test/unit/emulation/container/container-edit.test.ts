import { describe, expect, it } from 'vitest';
import {
  applyLive,
  type ContainerDefinition,
  containerEdit,
} from '../../../../agent/emulation/container/container-edit.ts';
import {
  type ContainerRecord,
  type ContainerVerb,
  containerVerb,
  createContainer,
  defineContainer,
  UNSUPPORTED_VERBS,
  unsupportedRefusal,
} from '../../../../agent/emulation/container/container-verbs.ts';

const BASE: ContainerDefinition = {
  name: 'web',
  uuid: '11111111-2222-3333-4444-555555555555',
  init: ['/sbin/init'],
  root: '/var/lib/containers/web',
  namespaces: [],
  idmap: '',
  vcpus: 2,
  maxMemory: 1000,
  memory: 800,
  cpuShares: 1024,
  vcpuPeriodUs: 100_000,
  vcpuQuotaUs: -1,
  blkioWeight: 500,
  devices: ['net:52:54:00:00:00:01'],
  metadata: '',
  autostart: false,
};

/** Carries verbs out one after another; each must be possible. */
function play<D>(record: ContainerRecord<D> | undefined, ...verbs: ContainerVerb[]) {
  let now = record;
  const events: string[] = [];
  for (const verb of verbs) {
    const outcome = containerVerb(now!, verb);
    if (typeof outcome === 'string') throw new Error(`${verb}: ${outcome}`);
    now = outcome.record;
    events.push(...outcome.events);
  }
  return { record: now, events };
}

describe('an edit of a running container', () => {
  it('changes at once what the driver can, and the rest at the next start', () => {
    const wanted = {
      ...BASE,
      memory: 900,
      cpuShares: 512,
      vcpuQuotaUs: 50_000,
      blkioWeight: 100,
      devices: [],
      metadata: 'note',
      autostart: true,
      init: ['/bin/sh'],
      root: '/srv/web',
      idmap: '0:100000:65536',
      namespaces: ['privnet'],
      vcpus: 4,
    };
    const edit = containerEdit(BASE, wanted);
    expect(edit).toEqual({
      live: ['memory', 'cpuShares', 'vcpuQuotaUs', 'blkioWeight', 'devices', 'metadata', 'autostart'],
      refused: [],
      atNextStart: ['init', 'root', 'namespaces', 'idmap', 'vcpus'],
    });
    const active = applyLive(BASE, wanted, edit);
    expect(active).toEqual({
      ...wanted,
      init: BASE.init,
      root: BASE.root,
      namespaces: [],
      idmap: '',
      vcpus: 2,
    });
    expect(containerEdit(active, wanted).live).toEqual([]);
  });

  it('of nothing does nothing', () => {
    expect(containerEdit(BASE, { ...BASE, devices: [...BASE.devices] })).toEqual({
      live: [],
      refused: [],
      atNextStart: [],
    });
  });

  it('A5.6 raising memory above max is refused, and so is another max; nothing else changes', () => {
    const wanted = { ...BASE, memory: 1001 };
    const edit = containerEdit(BASE, wanted);
    expect(edit.refused).toEqual([{ field: 'memory', reason: expect.stringContaining('at most') }]);
    expect(applyLive(BASE, wanted, edit)).toEqual(BASE);
    expect(containerEdit(BASE, { ...BASE, maxMemory: 2000 }).refused[0]!.field).toBe('maxMemory');
  });
});

describe('the life of a container', () => {
  const defined = defineContainer<ContainerDefinition>(undefined, BASE);

  it('goes by the verbs with one event each', () => {
    expect(defined.events).toEqual(['DEFINED/ADDED']);
    const { record, events } = play(
      defined.record,
      'start',
      'suspend',
      'resume',
      'reboot',
      'shutdown',
      'start',
      'destroy',
      'start',
      'fail',
      'undefine',
    );
    expect(events).toEqual([
      'STARTED/BOOTED',
      'SUSPENDED/PAUSED',
      'RESUMED/UNPAUSED',
      'REBOOT',
      'STOPPED/SHUTDOWN',
      'STARTED/BOOTED',
      'STOPPED/DESTROYED',
      'STARTED/BOOTED',
      'STOPPED/FAILED',
      'UNDEFINED/REMOVED',
    ]);
    expect(record).toBeUndefined();
  });

  it('A5.3 a frozen container is paused', () => {
    expect(play(defined.record, 'start', 'suspend').record!.state).toBe('PAUSED/USER');
  });

  it('A5.4 redefine while running: active unchanged, persistent changed, one UPDATED; equal after restart', () => {
    const running = play(defined.record, 'start').record!;
    const wanted = { ...BASE, maxMemory: 4000, init: ['/bin/sh'] };
    const { record, events } = defineContainer(running, wanted);
    expect(events).toEqual(['DEFINED/UPDATED']);
    expect(record).toEqual({ active: BASE, persistent: wanted, state: 'RUNNING/BOOTED' });
    const restarted = play(record, 'shutdown', 'start').record!;
    expect(restarted.active).toEqual(wanted);
    expect(restarted.persistent).toEqual(wanted);
  });

  it('A5.5 undefine while running: still runs, transient; destroy then removes it from every list', () => {
    const { record } = play(defined.record, 'start', 'undefine');
    expect(record).toEqual({ active: BASE, persistent: undefined, state: 'RUNNING/BOOTED' });
    expect(containerVerb(record!, 'undefine')).toContain('transient');
    expect(play(record, 'destroy').record).toBeUndefined();
    expect(play(createContainer(BASE).record, 'shutdown').record).toBeUndefined();
  });

  it('refuses what does not fit the state', () => {
    const off = defined.record!;
    for (const verb of ['suspend', 'resume', 'shutdown', 'reboot', 'destroy', 'fail'] as const) {
      expect(containerVerb(off, verb)).toContain('shut off');
    }
    const running = play(off, 'start').record!;
    expect(containerVerb(running, 'start')).toContain('active already');
    expect(containerVerb(running, 'resume')).toContain('must be paused');
    const paused = play(running, 'suspend').record!;
    for (const verb of ['suspend', 'shutdown', 'reboot'] as const) {
      expect(containerVerb(paused, verb)).toContain('paused');
    }
  });

  it('A5.6 NMI, SysRq and migrate are refused as unsupported', () => {
    for (const verb of UNSUPPORTED_VERBS) expect(unsupportedRefusal(verb)).toContain('not supported');
    expect(unsupportedRefusal('inject-nmi')).toContain('inject-nmi');
    expect(unsupportedRefusal('destroy')).toBeUndefined();
  });
});
