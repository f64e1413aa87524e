import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { hostConfig } from '../../../agent/config/simulated-host.ts';
import { Host } from '../../../agent/emulation/host/host.ts';
import { uplinksOf } from '../../../agent/emulation/host/host-links.ts';
import { UPLINK_DEFAULTS } from '../../../agent/emulation/net/net-config.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

function load(text: string) {
  const file = join(folder, 'bonds.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, env: {} });
}

function made(text: string) {
  return hostConfig(load(text).host, 'modern');
}

describe('host.bonds', () => {
  it('are what bridges and NICs of the type direct are on, with every option of the driver', () => {
    const config = made(`host:
  bonds:
    - name: bond0
      mode: 802.3ad
      miimon: 50
      updelay: 100
      downdelay: 200
      minLinks: 2
      xmitHashPolicy: layer2+3
      slaves: [{ name: a, gigabits: 25, queueFrames: 10 }, { name: b, gigabits: 25 }]
    - { name: bond1, mode: active-backup, primary: d, primaryReselect: better, slaves: [{ name: c }, { name: d }] }
    - { name: bond2, mode: balance-xor, slaves: [{ name: e }] }
  bridges: [{ name: br0, uplink: bond0 }, { name: br1, uplink: f }]
  lowerDevices: [{ name: bond2, reflects: true }]
`);
    const [br0] = config.segments;
    expect(br0?.uplink).toMatchObject({
      ...{ name: 'bond0', lineRate: 50e9, queueFrames: 1010 },
      bond: {
        ...{ mode: '802.3ad', miimonMs: 50, upDelayMs: 100, downDelayMs: 200, minLinks: 2 },
        ...{ hashPolicy: 'layer2+3', primaryReselect: 'always' },
      },
    });
    expect(br0?.uplink?.bond?.slaves).toEqual([
      { ...UPLINK_DEFAULTS, name: 'a', lineRate: 25e9, queueFrames: 10 },
      { ...UPLINK_DEFAULTS, name: 'b', lineRate: 25e9 },
    ]);
    const host = new Host('a', config, 1, 0);
    const bondOf = (source: string) => host.engine.host.segmentOf({ type: 'direct', source, queues: 1 }).bond;
    expect(bondOf('bond1')?.active?.config.name).toBe('d');
    expect(bondOf('bond2')?.mode).toBe('balance-xor');
    // macvtap on a slave is on what the slave is part of.
    expect(bondOf('c')?.config.name).toBe('bond1');
    expect(bondOf('f')).toBeUndefined();
    // A bridge that only a definition names has a NIC that no bond has.
    host.engine.host.segmentOf({ type: 'bridge', source: 'br9', queues: 1 });
    const names = uplinksOf(host).map(({ nic }) => nic.config.name);
    expect(names.slice(0, 3)).toEqual(['a', 'b', 'f']);
    expect(names.at(-1)).toMatch(/^eth\d$/);
  });

  const AB = 'slaves: [{ name: a }, { name: b }]';
  it.each([
    [
      'a slave in two bonds',
      `host:
  bonds:
    - { name: bond0, mode: balance-xor, ${AB} }
    - { name: bond1, mode: balance-xor, slaves: [{ name: b }] }`,
      '4:58 host.bonds[1].slaves[0].name: a slave of bond0 already; expected a NIC for one bond alone',
    ],
    [
      'a bridge on a slave',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, ${AB} }]
  bridges: [{ name: br0, uplink: b }]`,
      '3:34 host.bridges[0].uplink: b is a slave of bond0; expected bond0',
    ],
    [
      'a bridge on a slave that it does not name',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, slaves: [{ name: eth0 }] }]
  bridges: [{ name: br0 }]`,
      '3:21 host.bridges[0].name: eth0 is a slave of bond0; expected bond0',
    ],
    [
      'the NIC of the usual bridge',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, slaves: [{ name: eth0 }] }]`,
      '2:62 host.bonds[0].slaves[0].name: eth0 is the uplink of the usual bridge; expected another, or bridges to be given, such as one with the uplink bond0',
    ],
    [
      'a bond with the name of that NIC',
      `host:
  bonds: [{ name: eth0, mode: balance-xor, ${AB} }]`,
      '2:19 host.bonds[0].name: eth0 is the uplink of the usual bridge',
    ],
    [
      'a bond with the name of the usual bridge',
      `host:
  bonds: [{ name: virbr0, mode: balance-xor, ${AB} }]`,
      '2:19 host.bonds[0].name: virbr0 is the usual bridge; expected another',
    ],
    [
      'a slave with the name of the usual bridge of its era',
      `emulation: { profile: rhel6 }
host:
  bonds: [{ name: bond0, mode: balance-xor, slaves: [{ name: a }, { name: br0 }] }]`,
      '3:75 host.bonds[0].slaves[1].name: br0 is the usual bridge; expected another',
    ],
    [
      'a bond called lo',
      `host:
  bonds: [{ name: lo, mode: balance-xor, ${AB} }]`,
      '2:19 host.bonds[0].name: "lo" is not accepted, expected text of 1 to 15 octets other than lo',
    ],
    [
      'a slave called lo',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, slaves: [{ name: lo }] }]
  bridges: [{ name: br0 }]`,
      '2:62 host.bonds[0].slaves[0].name: "lo" is not accepted',
    ],
    [
      'a bridge called lo',
      `host:
  bridges: [{ name: lo }]`,
      '2:21 host.bridges[0].name: "lo" is not accepted',
    ],
    [
      'a bridge on lo',
      `host:
  bridges: [{ name: br0, uplink: lo }]`,
      '2:34 host.bridges[0].uplink: "lo" is not accepted',
    ],
    [
      'a lower device called lo',
      `host:
  lowerDevices: [{ name: lo }]`,
      '2:26 host.lowerDevices[0].name: "lo" is not accepted',
    ],
    [
      'two bridges on one bond',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, ${AB} }]
  bridges: [{ name: br0, uplink: bond0 }, { name: br1, uplink: bond0 }]`,
      '3:64 host.bridges[1].uplink: bond0 is the uplink of br0; expected another',
    ],
    [
      'a line beside a bond',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, ${AB} }]
  bridges: [{ name: br0, uplink: bond0, gigabits: 25 }]`,
      '3:51 host.bridges[0].gigabits: beside the bond bond0; expected it at its slaves',
    ],
    [
      'a lower device that is a slave',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, ${AB} }]
  lowerDevices: [{ name: a }]`,
      '3:26 host.lowerDevices[0].name: a is a slave of bond0; expected bond0',
    ],
    [
      'a bond with the name of a bridge',
      `host:
  bonds: [{ name: br0, mode: balance-xor, ${AB} }]
  bridges: [{ name: br0, uplink: c }]`,
      '2:19 host.bonds[0].name: the name of bridges[0]; expected another',
    ],
    [
      'a primary that is no slave',
      `host:
  bonds: [{ name: bond0, mode: active-backup, primary: c, ${AB} }]`,
      '2:56 host.bonds[0].primary: no slave c; expected one of a, b',
    ],
    [
      'an option of another mode',
      `host:
  bonds: [{ name: bond0, mode: active-backup, minLinks: 1, ${AB} }]`,
      '2:57 host.bonds[0].minLinks: not an option of active-backup; it is one of 802.3ad',
    ],
    [
      'LACP over unequal rates',
      `host:
  bonds: [{ name: bond0, mode: 802.3ad, slaves: [{ name: a, gigabits: 1 }, { name: b, gigabits: 10 }] }]`,
      '2:97 host.bonds[0].slaves[1].gigabits: not the rate of slave a; expected one rate for all',
    ],
    [
      'LACP that does not look at links',
      `host:
  bonds: [{ name: bond0, mode: 802.3ad, miimon: 0, ${AB} }]`,
      '2:49 host.bonds[0].miimon: 0 with 802.3ad',
    ],
    [
      'a delay between two looks',
      `host:
  bonds: [{ name: bond0, mode: balance-xor, updelay: 150, ${AB} }]`,
      '2:54 host.bonds[0].updelay: 150 ms; expected a multiple of miimon, 100',
    ],
    [
      'an unknown mode',
      `host:
  bonds: [{ name: bond0, mode: lacp, ${AB} }]`,
      '2:32 host.bonds[0].mode: "lacp" is not accepted, expected one of active-backup, balance-xor, 802.3ad',
    ],
  ])('%s is refused where it stands', (_, text, message) => {
    expect(() => load(text)).toThrow(message);
  });

  it('may have the names of the usual bridge and its uplink where bridges are given, or in another era', () => {
    const { segments } = made(`host:
  bonds: [{ name: eth0, mode: balance-xor, ${AB} }, { name: virbr0, mode: balance-xor, slaves: [{ name: c }] }]
  bridges: [{ name: br0 }]`);
    expect(segments[0]?.uplink).toMatchObject({ name: 'eth0', bond: { mode: 'balance-xor' } });
    const { host } = load(`host:
  bonds: [{ name: br0, mode: balance-xor, ${AB} }]`);
    expect(host.bonds?.[0]?.name).toBe('br0');
  });
});
