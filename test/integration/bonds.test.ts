import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../agent/config/load.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, startTrapReceiver } from '../support/net-snmp.ts';
import { DESTINATION, type RunningDaemon, startDaemon } from '../support/running-daemon.ts';

const READ = ['-v2c', '-c', 'public'];
const WRITE = ['-v2c', '-c', 'private'];

/** The host of config/showcase.yaml, which tells a receiver of links: its names by ifIndex, and what to do with it. */
async function showcase() {
  const sink = await startTrapReceiver(await freePort());
  onTestFinished(() => sink.stop());
  const file = join(import.meta.dirname, '../../config/showcase.yaml');
  const config = loadConfig({ file, overrides: { port: 0 }, env: {} });
  const running = await startDaemon({
    ...config,
    communities: config.communities.map((each) => ({ ...each, access: 'read-write' })),
    log: { ...config.log, level: 'error' },
    control: { ...config.control, listen: [] },
    traps: { ...config.traps, families: ['if'], destinations: [{ ...DESTINATION, port: sink.port }] },
  });
  const { endpoint } = running;
  const walk = async (object: string) => {
    const { lines } = await netSnmp('snmpwalk', ...READ, '-OsqX', endpoint, object);
    return new Map(
      lines.map((line) => {
        const [, index, value] = /^\w+\[(.*?)\] (.*)$/.exec(line)!;
        return [index!.replaceAll('][', '.'), value!];
      }),
    );
  };
  const names = await walk('ifName');
  const index = (name: string) => [...names].find(([, each]) => each === name)![0];
  const get = async (object: string, ...of: string[]) => {
    const instances = of.map((name) => `${object}.${index(name)}`);
    return (await netSnmp('snmpget', ...READ, '-Oqv', endpoint, ...instances)).lines;
  };
  const set = async (object: string, name: string, value: string) => {
    const { stderr } = await netSnmp('snmpset', ...WRITE, endpoint, `${object}.${index(name)}`, 'i', value);
    expect(stderr).toBe('');
  };
  const told = async (count: number) => {
    const links = () => sink.lines.filter((line) => /IF-MIB::link(Up|Down)/.test(line));
    await sink.until(() => links().length >= count);
    return links().map((line) => {
      const [, what, place] = /IF-MIB::link(Up|Down)[\s\S]*ifIndex\.(\d+) =/.exec(line)!;
      return `${what} ${names.get(place!)}`;
    });
  };
  return { running, names, walk, get, set, told };
}

function pass({ clock }: RunningDaemon, seconds: number): void {
  clock.advanceTo(clock.nowMs + seconds * 1000);
}

const numbers = (values: readonly string[]) => values.map(Number);

describeWithNetSnmp('bonds in IF-MIB', () => {
  it('stand between bridges and NICs, with the type and the speed that they have', async () => {
    const { names, walk, get } = await showcase();
    const below = [...(await walk('ifStackStatus')).keys()].map((pair) =>
      pair
        .split('.')
        .map((place) => names.get(place) ?? '-')
        .join(' on '),
    );
    expect(below).toEqual(
      expect.arrayContaining([
        ...['vnet0 on br0', 'br0 on bond0', 'bond0 on ens1f0', 'bond0 on ens1f1', 'ens1f0 on -'],
        ...['br-storage on bond1', 'bond1 on ens2f1', 'bond1 on ens2f2', 'ens2f2 on -'],
      ]),
    );
    expect(below).not.toEqual(expect.arrayContaining([expect.stringMatching(/^- on (ens1f0|bond0|br0)$/)]));
    expect(await get('ifType', 'bond0', 'bond1', 'ens1f0')).toEqual([
      'ieee8023adLag',
      ...['ethernetCsmacd', 'ethernetCsmacd'],
    ]);
    expect(await get('ifHighSpeed', 'bond0', 'br0', 'bond1', 'ens2f2')).toEqual([
      ...['50000', '50000'],
      ...['10000', '10000'],
    ]);
    const [bond, ...slaves] = await get('ifPhysAddress', 'bond0', 'ens1f0', 'ens1f1', 'br0');
    expect(new Set(slaves)).toEqual(new Set([bond]));
    expect(await get('ifConnectorPresent', 'bond0', 'ens1f0')).toEqual(['false', 'true']);
    expect(await get('ifPromiscuousMode', 'bond1', 'ens2f1', 'ens2f2')).toEqual(['true', 'true', 'false']);
    expect(await get('ifLinkUpDownTrapEnable', 'bond0', 'ens1f0')).toEqual(['disabled', 'enabled']);
    // What is of hardware is a device and a port, and no bond is.
    const devices = [...(await walk('hrNetworkIfIndex')).values()].map((place) => names.get(place));
    const ports = [...(await walk('entAliasMappingIdentifier')).values()].map((alias) =>
      names.get(/^ifIndex\[(\d+)\]$/.exec(alias)![1]!),
    );
    for (const each of [devices, ports]) {
      expect(each).toEqual(expect.arrayContaining(['ens1f0', 'ens1f1', 'ens2f1', 'ens2f2', 'ens2f0']));
      expect(each).not.toContain('bond0');
    }
  });

  it('move to another slave when one is off, count what all of them do, and tell of each', async () => {
    const { running, get, set, told } = await showcase();
    const octets = async () => numbers(await get('ifHCInOctets', 'bond1', 'ens2f1', 'ens2f2'));
    await set('ifLinkUpDownTrapEnable', 'bond1', '1');
    pass(running, 10);
    const first = await octets();
    expect(first[1]).toBeGreaterThan(0);
    expect(first[2]).toBe(0);
    await set('ifAdminStatus', 'ens2f1', '2');
    pass(running, 10);
    const second = await octets();
    expect(second[1]).toBe(first[1]);
    expect(second[2]).toBeGreaterThan(0);
    expect(second[0]).toBe(second[1]! + second[2]!);
    expect(await get('ifOperStatus', 'bond1', 'br-storage', 'ens2f1')).toEqual(['up', 'up', 'down']);
    expect(await get('ifPromiscuousMode', 'ens2f1', 'ens2f2')).toEqual(['false', 'true']);
    await set('ifAdminStatus', 'ens2f2', '2');
    pass(running, 1);
    expect(await get('ifOperStatus', 'bond1', 'ens2f2')).toEqual(['lowerLayerDown', 'down']);
    expect(await told(3)).toEqual(['Down ens2f1', 'Down ens2f2', 'Down bond1']);
    const still = await octets();
    pass(running, 5);
    expect(await octets()).toEqual(still);
    // It is as if the cable was still out when the host has the bond itself off.
    await set('ifAdminStatus', 'bond1', '2');
    await set('ifAdminStatus', 'ens2f2', '1');
    pass(running, 1);
    expect(await get('ifOperStatus', 'bond1', 'ens2f2')).toEqual(['down', 'up']);
    await set('ifAdminStatus', 'bond1', '1');
    pass(running, 5);
    // From lowerLayerDown it went down.
    expect(await told(6)).toEqual([
      ...['Down ens2f1', 'Down ens2f2', 'Down bond1'],
      ...['Down bond1', 'Up ens2f2', 'Up bond1'],
    ]);
    expect((await octets())[2]).toBeGreaterThan(still[2]!);
  });

  it('share flows among the slaves of an aggregate, whose speed follows', async () => {
    const { running, get, set } = await showcase();
    pass(running, 20);
    for (const object of ['ifHCInOctets', 'ifHCOutOctets']) {
      const [bond, ...slaves] = numbers(await get(object, 'bond0', 'ens1f0', 'ens1f1'));
      expect(slaves[0]! + slaves[1]!).toBe(bond);
      expect(Math.min(...slaves)).toBeGreaterThan(0.45 * bond!);
    }
    await set('ifAdminStatus', 'ens1f0', '2');
    pass(running, 1);
    expect(await get('ifHighSpeed', 'bond0', 'br0')).toEqual(['25000', '25000']);
    await set('ifAdminStatus', 'ens1f0', '1');
    pass(running, 1);
    expect(await get('ifHighSpeed', 'bond0')).toEqual(['25000']);
    pass(running, 2);
    expect(await get('ifHighSpeed', 'bond0')).toEqual(['50000']);
  });

  it('go down with their host, with all that it has, and come up with it', async () => {
    const { running, walk, names, told } = await showcase();
    const { hypervisor } = running.daemon;
    const host = hypervisor.hosts[0]!;
    hypervisor.apply({ op: 'fault', action: { raise: 'host-crash', target: host, durationMs: 10_000 } });
    const down = await walk('ifOperStatus');
    const isUp = [...down].filter(([, status]) => status === 'up').map(([place]) => names.get(place));
    expect(isUp).toEqual(['lo']);
    expect([...down.keys()].map((place) => names.get(place))).not.toContain('vnet0');
    // Those tell that stand on no other; the isolated bridge goes down with the last of its guests.
    const lines = [...names.values()].filter((name) => name.startsWith('ens'));
    expect((await told(lines.length + 1)).toSorted()).toEqual(
      ['br-inside', ...lines].map((name) => `Down ${name}`).toSorted(),
    );
    pass(running, 101);
    const up = await walk('ifOperStatus');
    const ofBridges = [...up].filter(([place]) => /^(ens[12]|bond|br[0-])/.test(names.get(place)!));
    // None of the isolated bridge's guests is started with its host.
    expect(ofBridges.filter(([, status]) => status !== 'up').map(([place]) => names.get(place))).toEqual([
      'br-inside',
    ]);
    expect(ofBridges).toHaveLength(11);
  });
});
