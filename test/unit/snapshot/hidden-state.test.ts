import { describe, expect, it } from 'vitest';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { Hypervisor } from '../../../agent/emulation/hypervisor.ts';
import { BOND_DEFAULTS, bondLine } from '../../../agent/emulation/net/bond-config.ts';
import { UPLINK_DEFAULTS } from '../../../agent/emulation/net/net-config.ts';
import { EventCounts } from '../../../agent/snapshot/event-counts.ts';
import { takePictures } from '../../../agent/snapshot/picture.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';

/** A host whose bond waits for a link that is back since `backMs`, at an instant in the midst of its updelay. */
function waiting(backMs: number) {
  const slaves = ['a', 'b'].map((name) => ({ ...UPLINK_DEFAULTS, name }));
  const uplink = bondLine('bond0', { ...BOND_DEFAULTS, mode: 'balance-xor', slaves, upDelayMs: 3000 });
  const segments = [{ name: 'br0', kind: 'bridge', uplink, reflects: false }] as const;
  const hypervisor = new Hypervisor({ clock: new VirtualClock({ epochMs: 0 }), seed: 7 });
  const host = hypervisor.addHost('one', { ...hostDefaults('modern'), segments });
  hypervisor.apply({ op: 'host', host, action: { uplink: 'a', up: false } });
  hypervisor.clock.advanceTo(backMs);
  hypervisor.apply({ op: 'host', host, action: { uplink: 'a', up: true } });
  hypervisor.clock.advanceTo(3000);
  return [...takePictures(hypervisor, new EventCounts())][0]!;
}

describe('what cannot be read of a host', () => {
  it('is also what its bonds wait for', () => {
    const [early, late] = [waiting(1000), waiting(2000)];
    expect(early.values).toEqual(late.values);
    expect(early.hidden).not.toBe(late.hidden);
    expect(waiting(1000)).toEqual(early);
  });
});
