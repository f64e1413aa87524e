import { describe, expect, test } from 'vitest';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { type HostConfig, hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { Hypervisor } from '../../../agent/emulation/hypervisor.ts';
import { findMisfits, withoutMisfits } from '../../../agent/emulation/inventory/fit-host.ts';
import { generateDomains } from '../../../agent/emulation/inventory/generated.ts';
import { parseDomainXml } from '../../../agent/emulation/inventory/xml/parse-domain.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';

const modern = hostDefaults('modern');
const rhel6 = hostDefaults('rhel6');

function read(inside: string, type = 'kvm'): DomainConfig {
  const os = type === 'lxc' ? 'exe' : 'hvm';
  const xml = `<domain type='${type}'><name>a</name><memory>1048576</memory><os><type>${os}</type></os>${inside}</domain>`;
  return parseDomainXml(xml, 'a.xml');
}

const BEYOND = "<numatune><memory mode='strict' nodeset='0,5'/></numatune>";
const NMI = "<devices><watchdog model='i6300esb' action='inject-nmi'/></devices>";
const IDMAP =
  "<idmap><uid start='0' target='1000' count='10'/><gid start='0' target='1000' count='10'/></idmap>";

describe('a definition on a host', () => {
  test.each<[string, DomainConfig, HostConfig, string]>([
    ['a node too many', read(BEYOND), modern, 'numatune: there is no NUMA node 5; expected nodes 0 to 1'],
    [
      'an action of later times',
      read(NMI),
      rhel6,
      'watchdog: watchdog: action inject-nmi is not known in the profile rhel6; use reset, dump or another',
    ],
    [
      'user namespaces',
      read(IDMAP, 'lxc'),
      rhel6,
      'idmap: user namespaces cannot be used in the profile rhel6; expected no <idmap>',
    ],
  ])('%s is found, and the rest can be run', (_, domain, host, message) => {
    const misfits = findMisfits(domain, host);
    expect(misfits.map((each) => `${each.part}: ${each.message}`)).toEqual([message]);
    const fitting = withoutMisfits(domain, misfits);
    expect(findMisfits(fitting, host)).toEqual([]);
    expect(fitting).toMatchObject({ name: 'a', uuid: domain.uuid });
    const hypervisor = new Hypervisor({
      clock: new VirtualClock({ epochMs: 0 }),
      seed: 1,
      profile: host.profile,
    });
    const home = hypervisor.addHost('host-1', host);
    expect(() => hypervisor.apply({ op: 'populate', host: home, configs: [domain] })).toThrow();
    hypervisor.apply({ op: 'populate', host: home, configs: [fitting] });
    expect(home.domains.byName('a')?.isActive).toBe(true);
  });

  test('what fits is itself', () => {
    const domain = read(NMI);
    expect(findMisfits(domain, modern)).toEqual([]);
    expect(withoutMisfits(domain, [])).toBe(domain);
  });

  test('made-up guests fit hosts of every era', () => {
    const guests = generateDomains({ hostName: 'host-1', hostIndex: 0, guests: 64, seed: 1 });
    for (const host of [modern, rhel6]) {
      expect(guests.flatMap((guest) => findMisfits(guest, host))).toEqual([]);
    }
  });
});
