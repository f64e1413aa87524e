import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import { hostDefaults } from '../../agent/emulation/host/host-config.ts';
import { BOND_DEFAULTS, BOND_MODES, bondLine } from '../../agent/emulation/net/bond-config.ts';
import { UPLINK_DEFAULTS } from '../../agent/emulation/net/net-config.ts';
import { COUNTERS, readInterface } from '../../agent/objects/if-mib/counters.ts';
import type { Interface } from '../../agent/objects/if-mib/interface.ts';
import { InterfaceIndexes } from '../../agent/objects/if-mib/interface-indexes.ts';
import { Interfaces } from '../../agent/objects/if-mib/interfaces.ts';
import { runs } from '../support/runs.ts';
import { config, Fleet } from '../unit/emulation/fleet.ts';

const guest = fc.record({
  nics: fc.integer({ min: 1, max: 3 }),
  fps: fc.integer({ min: 0, max: 50_000 }),
  localShare: fc.double({ min: 0, max: 1, noNaN: true }),
});
const act = fc.record({
  what: fc.constantFrom(
    ...(['destroy', 'start', 'suspend', 'resume', 'link'] as const),
    ...(['nic', 'bridge', 'bond', 'cable', 'nothing'] as const),
  ),
  guest: fc.nat(),
  up: fc.boolean(),
  /** ms that pass afterwards, once within a tick. */
  ms: fc.integer({ min: 1, max: 2500 }),
});
const course = fc.record({
  lineRate: fc.constantFrom(1e8, 1e10),
  /** The mode of the bond that the line is, of eth0 and eth1. */
  mode: fc.option(fc.constantFrom(...BOND_MODES), { nil: undefined }),
  guests: fc.array(guest, { minLength: 1, maxLength: 5 }),
  acts: fc.array(act, { minLength: 1, maxLength: 15 }),
});
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;

/** A host with one bridge, all of whose guests are on it. */
function build({ lineRate, mode, guests }: Course) {
  const fleet = new Fleet();
  const nics = ['eth0', 'eth1'].map((name) => ({ ...UPLINK_DEFAULTS, name, lineRate }));
  const uplink = mode ? bondLine('bond0', { ...BOND_DEFAULTS, mode, slaves: nics }) : nics[0]!;
  const segments = [{ name: 'br0', kind: 'bridge', uplink, reflects: false }] as const;
  const host = fleet.hypervisor.addHost('host', { ...hostDefaults('modern'), segments });
  const configs = guests.map(({ nics, fps, localShare }, i) =>
    config(`guest-${i}`, {
      initialState: 'running',
      nics: Array.from({ length: nics }, () => ({
        ...{ type: 'bridge', source: 'br0', model: 'virtio', queues: 1 },
        traffic: { txFps: fps, rxFps: fps, localShare },
      })),
    }),
  );
  fleet.hypervisor.apply({ op: 'populate', host, configs });
  const interfaces = new Interfaces(host, new InterfaceIndexes(), () => fleet.clock.nowMs);
  fleet.hypervisor.onSettled((domains, hosts) => {
    if (hosts.includes(host)) interfaces.hear(domains);
  });
  return { fleet, host, interfaces };
}

type Stage = ReturnType<typeof build>;

function apply(
  { fleet: { hypervisor }, host }: Stage,
  { what, guest: which, up }: Course['acts'][number],
): void {
  const domains: Domain[] = [...host.domains];
  const domain = domains[which % domains.length]!;
  switch (what) {
    case 'nothing':
      return;
    case 'link':
      return hypervisor.apply({ op: 'tune', domain, link: { nic: 0, up } });
    case 'nic':
    case 'bridge':
    case 'bond': {
      const line = [...host.segments][0]!.config.uplink!.name;
      const name = { nic: 'eth0', bridge: 'br0', bond: line }[what];
      return hypervisor.apply({ op: 'host', host, action: { interface: name, up } });
    }
    case 'cable':
      return hypervisor.apply({ op: 'host', host, action: { uplink: 'br0', up } });
    default: {
      const change = { op: 'act', domain, action: what } as const;
      if (!hypervisor.check(change)) hypervisor.apply(change);
    }
  }
}

describe('the counters of interfaces over random traffic and changes', () => {
  it('never go back, at whatever instant they are read', () => {
    fc.assert(
      fc.property(course, (made) => {
        const stage = build(made);
        const { fleet, interfaces } = stage;
        const seen = new Map<Interface, number[]>();
        const look = () => {
          for (const one of interfaces.all) {
            const now = COUNTERS.map((name) => readInterface(one, name, fleet.clock.nowMs));
            const before = seen.get(one);
            COUNTERS.forEach((name, i) => {
              expect(Number.isInteger(now[i]) && now[i]! >= 0, `${one.name} ${name} ${now[i]}`).toBe(true);
              if (before) expect(now[i], `${one.name} ${name}`).toBeGreaterThanOrEqual(before[i]!);
            });
            seen.set(one, now);
          }
        };
        for (const each of made.acts) {
          apply(stage, each);
          look();
          fleet.clock.advanceTo(fleet.clock.nowMs + each.ms);
          look();
        }
      }),
      { numRuns: runs(25) },
    );
  });

  it('agree at the end of each tick: a bridge takes in what its ports took in, and gives out what reached them', () => {
    fc.assert(
      fc.property(course, (made) => {
        const stage = build(made);
        const { fleet, interfaces } = stage;
        const named = (name: string) => [...interfaces.all].find((one) => one.name === name)!;
        /** What taps had counted that are gone. */
        const gone = { in: 0, out: 0 };
        const sum = (counter: 'inOctets' | 'outOctets') =>
          [...interfaces.all]
            .filter(({ kind }) => kind === 'tap')
            .reduce((total, one) => total + readInterface(one, counter, fleet.clock.nowMs), 0);
        for (const each of made.acts) {
          const before = [sum('inOctets'), sum('outOctets')] as const;
          apply(stage, each);
          gone.in += before[0] - sum('inOctets');
          gone.out += before[1] - sum('outOctets');
          fleet.clock.advanceTo((Math.floor(fleet.clock.nowMs / 1000) + 1) * 1000);
          const read = (name: string, counter: 'inOctets' | 'outOctets') =>
            readInterface(named(name), counter, fleet.clock.nowMs);
          const line = made.mode ? 'bond0' : 'eth0';
          if (made.mode) {
            for (const counter of ['inOctets', 'outOctets'] as const)
              expect(read(line, counter)).toBe(read('eth0', counter) + read('eth1', counter));
          }
          expect(read('br0', 'inOctets')).toBe(read(line, 'inOctets') + sum('inOctets') + gone.in);
          // Between the bridge and its guest a tap may hold or drop some.
          const reached = read('br0', 'outOctets') - read(line, 'outOctets');
          expect(sum('outOctets') + gone.out).toBeLessThanOrEqual(reached);
        }
      }),
      { numRuns: runs(25) },
    );
  });
});
