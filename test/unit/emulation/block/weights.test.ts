import { describe, expect, it } from 'vitest';
import { DEVICE_DEFAULTS } from '../../../../agent/emulation/block/block-config.ts';
import { readDisk } from '../../../../agent/emulation/block/disk-read.ts';
import type { Domain } from '../../../../agent/emulation/domain/domain.ts';
import { hostDefaults } from '../../../../agent/emulation/host/host-config.ts';
import { config, Fleet, FURNISHED } from '../fleet.ts';

describe('weights of disks (<blkiotune>)', () => {
  /** Requests of two guests in a minute on one slow device, of which both want more than it can do. */
  function shares(first: number | undefined, second: number | undefined): number[] {
    const fleet = new Fleet();
    const usual = hostDefaults('modern');
    const pools = [{ ...usual.pools[0]!, device: DEVICE_DEFAULTS.hdd }];
    const host = fleet.hypervisor.addHost('slow', { ...usual, pools });
    const configs = [first, second].map((weight, i) =>
      config(`guest-${i}`, {
        initialState: 'running',
        disks: [{ ...FURNISHED.disks[0]!, requestsPerSecond: 10_000, ...(weight ? { weight } : {}) }],
      }),
    );
    fleet.hypervisor.apply({ op: 'populate', host, configs });
    fleet.pass(60);
    const requests = ({ process, nowMs }: Domain) =>
      readDisk(process!.machine, process!.disks[0]!.place, 'rd.reqs', nowMs);
    return configs.map(({ name }) => requests(host.domains.byName(name)!));
  }

  it('share a device that has not enough for all', () => {
    const [heavy, light] = shares(800, 200);
    expect(heavy! / light!).toBeGreaterThan(3.5);
    expect(heavy! / light!).toBeLessThan(4.5);
  });

  it('are 500 when they are not given', () => {
    expect(shares(undefined, 100)).toEqual(shares(500, 100));
  });
});
