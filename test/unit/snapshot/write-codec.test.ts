import { describe, expect, it } from 'vitest';
import { alarmSettings } from '../../../agent/emulation/alarm/settings.ts';
import type { Change } from '../../../agent/emulation/change.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import type { Write } from '../../../agent/emulation/write.ts';
import { reviveWrite } from '../../../agent/snapshot/write-codec.ts';
import { writeLine } from '../../../agent/snapshot/write-log.ts';
import { config, Fleet, FURNISHED } from '../emulation/fleet.ts';

/** One change of each kind: the compiler asks for those that are missing. */
function changes(domain: Domain, host: Host): { readonly [O in Change['op']]: Extract<Change, { op: O }> } {
  return {
    populate: { op: 'populate', host, configs: [config('a', FURNISHED), config('b')] },
    define: {
      op: 'define',
      host,
      config: config('c', { container: { limits: { pidsMax: Number.POSITIVE_INFINITY } } }),
    },
    undefine: { op: 'undefine', domain },
    rename: { op: 'rename', domain, name: 'other' },
    update: { op: 'update', domain, config: config('web', { vcpus: 1 }) },
    act: { op: 'act', domain, action: 'migrate', target: host, mode: 'postcopy', persist: true },
    tune: { op: 'tune', domain, cpu: { quotaUs: -1 }, vcpupin: { vcpu: 0, cpus: [1, 2] } },
    metadata: { op: 'metadata', domain, title: 'The "web" – ü' },
    debug: { op: 'debug', domain, action: { sysrq: 'c' } },
    attach: { op: 'attach', domain, device: { disk: FURNISHED.disks[0]! } },
    detach: { op: 'detach', domain, device: { nic: 0 } },
    device: { op: 'device', domain, action: { kind: 'usb-input', port: 1, perSecond: 0.1 } },
    'block-job': { op: 'block-job', domain, disk: 'vda', action: { start: 'pull', bandwidth: 5 } },
    host: { op: 'host', host, action: { uplink: 'virbr0', up: false } },
    fault: {
      op: 'fault',
      action: { raise: 'memory-leak', target: domain, parameters: { bytesPerSecond: 7 } },
    },
  };
}

function fleetWithWeb(): { readonly fleet: Fleet; readonly web: Domain } {
  const fleet = new Fleet();
  return { fleet, web: fleet.define('web', FURNISHED) };
}

/** A write after its way through text into another fleet that is the same. */
function there(write: Write, fleet: Fleet): Write {
  const line = writeLine(write, { atMs: 1.5, ran: 2 });
  const plain = JSON.parse(line) as { at: unknown; write: unknown };
  expect(plain.at).toEqual([1.5, 2]);
  return reviveWrite(plain.write, fleet.hypervisor);
}

describe('the text of what was done', () => {
  const { fleet: from, web } = fleetWithWeb();
  const { fleet: to, web: otherWeb } = fleetWithWeb();

  it.each(Object.keys(changes(web, from.two)) as Change['op'][])('holds a change %s', (op) => {
    const change = changes(web, from.two)[op];
    const wanted = changes(otherWeb, to.two)[op];
    const revived = there({ op: 'apply', change, cause: 'manager' }, to);
    expect(revived).toStrictEqual({ op: 'apply', change: wanted, cause: 'manager' });
  });

  it('holds what else is done', () => {
    const alarm = {
      number: 3,
      kind: 'guestOom',
      severity: 'major',
      probableCause: 1,
      resource: { kind: 'guest' },
      text: 'x',
      raisedMs: -1,
      raisedWallMs: 5,
    } as const;
    const writes = (host: Host, domain: Domain): Write[] => [
      { op: 'add-host', name: 'three', config: hostDefaults('rhel6') },
      { op: 'alarm-settings', settings: alarmSettings() },
      { op: 'restore-alarms', alarms: [{ ...alarm, host, domain }], lastNumber: 3 },
      {
        op: 'transaction',
        changes: Object.values(changes(domain, host)),
        cause: 'manager',
        committed: false,
      },
      {
        op: 'fault-rules',
        rules: [
          { name: 'r', kind: 'slow-disk', parameters: {}, target: { name: 'web*' }, when: { atMs: 5 } },
        ],
      },
    ];
    expect(writes(from.one, web).map((write) => there(write, to))).toStrictEqual(writes(to.one, otherWeb));
  });

  it('is refused where a host or domain is not there', () => {
    const line = writeLine(
      { op: 'apply', change: { op: 'undefine', domain: web }, cause: 'control' },
      { atMs: 0, ran: 0 },
    );
    const { write } = JSON.parse(line) as { write: unknown };
    expect(() => reviveWrite(write, new Fleet().hypervisor)).toThrow(
      `there is no domain ${web.uuid} on host one`,
    );
    const strange = JSON.parse(line.replace('["one"', '["nine"')) as { write: unknown };
    expect(() => reviveWrite(strange.write, to.hypervisor)).toThrow('there is no host nine');
  });
});
