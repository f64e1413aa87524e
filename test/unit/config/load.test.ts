import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsRestart } from '../../../agent/config/diff.ts';
import { hostListeners } from '../../../agent/config/listeners.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import { SWITCHABLE_MODULES } from '../../../agent/config/modules.ts';
import type { ConfigOverrides } from '../../../agent/config/overrides.ts';
import { alarmSettings } from '../../../agent/emulation/alarm/settings.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

function load(text: string, overrides: ConfigOverrides = {}) {
  writeFileSync(join(folder, 'some.yaml'), text);
  return loadConfig({ file: 'some.yaml', overrides, env: {}, cwd: folder });
}

describe('defaults', () => {
  const defaults = loadConfig({ env: {}, cwd: '/nowhere' });

  it('are the documented ones', () => {
    expect(defaults).toEqual({
      agent: {
        listen: ['127.0.0.1'],
        port: 1161,
        maxBulkResponseSize: 1472,
        maxResponseSize: 65_507,
        compat: [],
        modules: Object.fromEntries(SWITCHABLE_MODULES.map((name) => [name, true])),
        system: { contact: '', location: '' },
      },
      communities: [{ name: 'public', access: 'read-only', sources: ['127.0.0.0/8', '::1/128'] }],
      users: [],
      limits: { requestsPerSecond: 500_000, burst: 500_000, sources: 4096 },
      traps: {
        destinations: [],
        families: ['libvirt', 'stats', 'if', 'entity'],
        vm: { perGuest: true, bulk: false, window: 1 },
        authentication: true,
      },
      notificationLog: { entries: 10_000, size: 16_384, entryLimit: 0, ageOut: 1440 },
      inventory: { hosts: 1, addressing: 'address', guests: 12, domains: [], list: [], strict: false },
      host: { hugePages: [] },
      faults: [],
      triggers: [],
      emulation: { seed: 1, speed: 1, profile: 'modern' },
      alarms: expect.objectContaining({ stealHigh: expect.objectContaining({ raise: 20, clear: 10 }) }),
      control: { listen: ['127.0.0.1'], port: 8161, names: [] },
      eventLog: { maxMiB: 0, keep: 10 },
      log: { level: 'info', levels: {}, console: true },
    });
  });

  it('leave the alarms as their definitions have them', () => {
    expect(alarmSettings(defaults.alarms)).toEqual(alarmSettings());
    const { alarms } = load('alarms: {diskError: {quietSeconds: 7, severity: minor}}');
    expect(alarmSettings(alarms).diskError).toMatchObject({
      clearAfterMs: 7000,
      severity: 'minor',
      enabled: true,
    });
  });

  it.each([
    '',
    '# nothing\n',
    'agent:\ncommunities:\ninventory:\n  list:\nstate:\n',
  ])('stand in for what is not given: %j', (text) => {
    expect(load(text)).toEqual(defaults);
  });

  it('are frozen all through', () => {
    const open: string[] = [];
    const look = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) open.push(path);
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${key}`);
    };
    look(defaults, 'defaults');
    look(load('inventory: {list: [{name: a, nics: [{queues: 2}], disks: 2}]}'), 'loaded');
    expect(open).toEqual([]);
  });

  it('are not shared between configurations', () => {
    expect(loadConfig({ env: {} }).agent.listen).toEqual(defaults.agent.listen);
  });
});

describe('inventory', () => {
  it.each([
    ['inventory: {domains: x}', 0],
    ['inventory: {list: [{name: a}]}', 0],
    ['inventory: {domains: x, guests: 3}', 3],
    ['inventory: {domains: []}', 12],
  ])('%s has %i made-up guests', (text, guests) => {
    expect(load(text).inventory.guests).toBe(guests);
  });

  it('takes paths from the folder of the file', () => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(
      join(folder, 'sub/c.yaml'),
      'inventory: {domains: [a, ../b, /c]}\nstate: s\nlog: {file: l}\neventLog: {file: e}',
    );
    const config = loadConfig({ file: 'sub/c.yaml', env: {}, cwd: folder });
    expect(config.inventory.domains).toEqual([join(folder, 'sub/a'), join(folder, 'b'), '/c']);
    expect(config.state).toBe(join(folder, 'sub/s'));
    expect(config.log.file).toBe(join(folder, 'sub/l'));
    expect(config.eventLog.file).toBe(join(folder, 'sub/e'));
  });

  it('makes a complete domain of a name', () => {
    expect(load('inventory: {list: [{name: a}]}').inventory.list).toEqual([
      {
        host: 1,
        domain: {
          name: 'a',
          uuid: expect.stringMatching(
            /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          ),
          type: 'kvm',
          memoryKiB: 1_048_576,
          currentMemoryKiB: 1_048_576,
          vcpus: 1,
          maxVcpus: 1,
          nics: [{ type: 'network', source: 'default', model: 'virtio', queues: 1 }],
          disks: [{ type: 'file', device: 'disk', target: 'vda', bus: 'virtio' }],
          numaCells: [],
          onCrash: 'destroy',
          autostart: false,
          initialState: 'running',
          load: 'steady',
        },
      },
    ]);
  });

  it('reads all of a domain', () => {
    const [entry] = load(`inventory:
  hosts: 2
  list:
    - name: a
      uuid: 00000000000000000000-0000000000AB
      type: xen
      host: 2
      memory: 3 MB
      currentMemory: 1 MiB
      vcpus: 0
      maxVcpus: 4
      nics: [{type: bridge, mac: "52:54:00:AA:00:01", source: br0, model: e1000, target: vnet7, queues: 2}, {}]
      disks: [{}, {target: vda}, {type: block, device: cdrom, bus: sata, source: /dev/sr0}]
      load: bursty
      state: paused
      autostart: true
      onCrash: preserve
`).inventory.list;
    expect(entry).toEqual({
      host: 2,
      domain: {
        name: 'a',
        uuid: '00000000-0000-0000-0000-0000000000ab',
        type: 'xen',
        memoryKiB: 2930,
        currentMemoryKiB: 1024,
        vcpus: 0,
        maxVcpus: 4,
        nics: [
          {
            type: 'bridge',
            mac: '52:54:00:aa:00:01',
            source: 'br0',
            model: 'e1000',
            target: 'vnet7',
            queues: 2,
          },
          { type: 'network', source: 'default', model: 'virtio', queues: 1 },
        ],
        disks: [
          { type: 'file', device: 'disk', target: 'vdb', bus: 'virtio' },
          { type: 'file', device: 'disk', target: 'vda', bus: 'virtio' },
          { type: 'block', device: 'cdrom', target: 'vdc', bus: 'sata', source: '/dev/sr0' },
        ],
        numaCells: [],
        onCrash: 'preserve',
        autostart: true,
        initialState: 'paused',
        load: 'bursty',
      },
    });
  });

  it('names more than 26 disks as the kernel does', () => {
    const disks = load('inventory: {list: [{name: a, disks: 28}]}').inventory.list[0]?.domain.disks;
    expect(disks?.slice(25).map(({ target }) => target)).toEqual(['vdz', 'vdaa', 'vdab']);
  });
});

describe('flags', () => {
  it('replace what the file says', () => {
    const config = load(
      'agent: {port: 1, listen: 10.0.0.1}\ntraps: {destinations: [{host: old}]}\nstate: old\nemulation: {profile: rhel6}',
      {
        port: '2161',
        listen: ['127.0.0.2', '::1'],
        hosts: '3',
        guests: 0,
        domains: 'xml',
        seed: '7',
        state: 'kept',
        trap: ['nms:1162', '[::1]', '::1', '[fe80::1]:9', '10.1.1.1'],
        strict: true,
        compat: 'libvirt-snmp',
      },
    );
    expect(config.agent).toMatchObject({
      port: 2161,
      listen: ['127.0.0.2', '::1'],
      compat: ['libvirt-snmp'],
    });
    expect(config.inventory).toMatchObject({
      hosts: 3,
      guests: 0,
      domains: [join(folder, 'xml')],
      strict: true,
    });
    expect(config.emulation).toEqual({ seed: 7, speed: 1, profile: 'rhel6' });
    expect(config.state).toBe(join(folder, 'kept'));
    expect(config.traps.destinations).toMatchObject(
      [
        { host: 'nms', port: 1162 },
        { host: '::1', port: 162 },
        { host: '::1', port: 162 },
        { host: 'fe80::1', port: 9 },
        { host: '10.1.1.1', port: 162 },
      ].map((endpoint) => ({ ...endpoint, version: 'v2c', community: 'public' })),
    );
  });

  it('are used without a file', () => {
    expect(loadConfig({ overrides: { port: 0 }, env: {} }).agent.port).toBe(0);
  });

  it.each<[ConfigOverrides, string]>([
    [{ port: '70000' }, '--port: 70000 is not accepted, expected a whole number from 0 to 65535'],
    [{ port: 'x' }, '--port: "x" is not accepted, expected a whole number from 0 to 65535'],
    [{ port: '' }, '--port: "" is not accepted, expected a whole number from 0 to 65535'],
    [{ hosts: '0' }, '--hosts: 0 is not accepted, expected a whole number from 1 to 1000'],
    [{ guests: '1.5' }, '--guests: 1.5 is not accepted, expected a whole number from 0 to 100000'],
    [{ seed: '-1' }, '--seed: -1 is not accepted, expected a whole number from 0 to 4294967295'],
    [{ listen: ['127.0.0.1', 'me'] }, '--listen: "me" is not accepted, expected an IPv4 or IPv6 address'],
    [{ compat: 'snmpd' }, '--compat: "snmpd" is not accepted, expected libvirt-snmp'],
    [
      { state: '' },
      '--state: "" is not accepted, expected text of 1 to 4096 octets without control characters',
    ],
    [
      { trap: 'host:0' },
      '--trap: "host:0" is not accepted, expected HOST:PORT or [IPV6]:PORT with a port from 1 to 65535',
    ],
    [
      { hosts: 9, listen: '0.0.0.0' },
      '--listen: all addresses of the machine leave none for 8 more hosts; expected a single address, or inventory.addressing: port',
    ],
  ])('are refused by their name: %j', (overrides, message) => {
    expect(() => load('agent: {port: 5}', overrides)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message }),
    );
  });

  it.each([
    '',
    ':162',
    'a:b',
    '[::1',
    '::1]:5',
    '[1.2.3.4]:5',
    'a b',
    'a:99999',
    '1.2.3.4.5',
    '[::1]x',
    'a:1:2',
  ])('have no trap destination %j', (trap) => {
    expect(() => load('', { trap })).toThrow(/^--trap: /);
  });

  it('stand beside the problems of the file', () => {
    const lines = () => load('agent: {lisen: 1}', { port: 'x', trap: 'y:0' });
    expect(lines).toThrow(/^--trap: .*\n--port: .*\nsome\.yaml:1:9 agent\.lisen: .*$/);
  });

  it('do not hide a section that is no group', () => {
    expect(() => load('agent: 5', { port: 1 })).toThrow(
      'some.yaml:1:8 agent: 5 is not accepted, expected a group of options',
    );
  });
});

describe('sources', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:DB8:0:0::/32', '2001:db8::/32'],
    ['::ffff:10.0.0.1', '::ffff:a00:1/128'],
  ])('%s is the network %s', (source, network) => {
    expect(load(`communities: [{name: a, sources: "${source}"}]`).communities[0]?.sources).toEqual([network]);
  });
});

describe('memory', () => {
  it.each<[string, number]>([
    ['1', 1],
    ['524288', 524_288],
    ['1 b', 1],
    ['1025 bytes', 2],
    ['2K', 2],
    ['2 kib', 2],
    ['2 KB', 2],
    ['1 MB', 977],
    ['512 MiB', 524_288],
    ['1.0', 1],
    ['2 GiB', 2_097_152],
    ['2GB', 1_953_125],
    ['1T', 1_073_741_824],
  ])('%s is %i KiB', (text, kib) => {
    const { list } = load(`inventory: {list: [{name: a, memory: ${text}}]}`).inventory;
    expect(list[0]?.domain.memoryKiB).toBe(kib);
  });

  it.each([
    '0',
    '-1',
    '1.5',
    '0 MiB',
    '1.5 GiB',
    '1 kibi',
    '16 EiB EiB',
    '99999999 EiB',
    'true',
    '[1]',
    '""',
  ])('%s is none', (text) => {
    expect(() => load(`inventory: {list: [{name: a, memory: ${text}}]}`)).toThrow(
      /memory: .* is not accepted/,
    );
  });
});

describe('needsRestart', () => {
  const before = load('agent: {port: 5}');

  it('names what a running program does not take over', () => {
    const after = load(`agent: {port: 6, listen: "::1", system: {descr: x, contact: y}}
communities: []
traps: {authentication: false}
inventory: {hosts: 2, addressing: port, guests: 3, strict: true}
emulation: {seed: 2, speed: 0, profile: rhel6}
state: s
log: {level: debug}`);
    expect(needsRestart(before, after)).toEqual([
      'agent.listen',
      'agent.port',
      'agent.system.descr',
      'inventory.hosts',
      'inventory.addressing',
      'emulation.seed',
      'emulation.profile',
      'state',
    ]);
  });

  it('is empty for the same configuration', () => {
    expect(needsRestart(before, load('agent: {port: 5}\nemulation: {speed: 9}'))).toEqual([]);
  });
});

describe('hostListeners', () => {
  it.each<[string, number, unknown]>([
    [
      'agent: {listen: [127.0.0.1, 10.0.0.255]}\ninventory: {hosts: 3}',
      0,
      { addresses: ['127.0.0.1', '10.0.0.255'], port: 1161 },
    ],
    [
      'agent: {listen: [127.0.0.1, 10.0.0.255]}\ninventory: {hosts: 3}',
      2,
      { addresses: ['127.0.0.3', '10.0.1.1'], port: 1161 },
    ],
    ['inventory: {hosts: 3, addressing: port}', 2, { addresses: ['127.0.0.1'], port: 1163 }],
    ['agent: {port: 0}\ninventory: {hosts: 3, addressing: port}', 2, { addresses: ['127.0.0.1'], port: 0 }],
    [
      'agent: {listen: [127.0.0.1, "::1"]}\ninventory: {hosts: 3}',
      1,
      { addresses: ['127.0.0.1', '::1'], port: 1162 },
    ],
  ])('%s, host %i', (text, index, listeners) => {
    expect(hostListeners(load(text), index)).toEqual(listeners);
  });

  it('has no address after the last', () => {
    expect(() => load('agent: {listen: 255.255.255.255}\ninventory: {hosts: 2}')).toThrow(
      'host 2 would be past the last IPv4 address',
    );
  });
});
