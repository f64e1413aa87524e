import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { parseDomainXml } from '../../../agent/emulation/inventory/xml/parse-domain.ts';
import { FIXTURES } from './fixtures.ts';

function domain(inside: string, { type = 'kvm', os = '<type>hvm</type>' } = {}): DomainConfig {
  return parseDomainXml(
    `<domain type='${type}'><name>a</name><memory unit='GiB'>4</memory><os>${os}</os>${inside}</domain>`,
    'a.xml',
  );
}
const devices = (inside: string, os?: string) =>
  domain(`<devices>${inside}</devices>`, os === undefined ? {} : { os }).devices;
const nic = (inside: string, type = "bridge'><source bridge='br0'/") =>
  domain(`<devices><interface type='${type}>${inside}</interface></devices>`).nics[0]!;
const disk = (inside: string, head = "type='file'", source = "file='/a'") =>
  domain(
    `<devices><disk ${head}><source ${source}/><target dev='vda' bus='virtio'/>${inside}</disk></devices>`,
  ).disks[0]!;

describe('what is told of changes', () => {
  test('title and description', () => {
    expect(domain('<title>t</title><description>two\nlines</description>')).toMatchObject({
      title: 't',
      description: 'two\nlines',
    });
  });

  test('what a start makes of an image that is missing', () => {
    expect(disk('', "type='file'", "file='/a' startupPolicy='optional'").startupPolicy).toBe('optional');
    expect(disk('').startupPolicy).toBeUndefined();
    expect(() => disk('', "type='file'", "file='/a' startupPolicy='never'")).toThrow(
      /startupPolicy.*mandatory/,
    );
  });

  const memory = (target: string, model = 'virtio-mem') =>
    `<memory model='${model}'><target>${target}</target></memory>`;
  const size = (gib: number, requestedMiB: number, blockKiB = 2048) =>
    `<size unit='GiB'>${gib}</size><node>0</node><block unit='KiB'>${blockKiB}</block><requested unit='MiB'>${requestedMiB}</requested>`;

  test('a memory device, with what it has at start', () => {
    expect(domain(`<devices>${memory(size(2, 512))}</devices>`)).toMatchObject({
      memoryKiB: 4_194_304,
      currentMemoryKiB: 2_097_152 + 524_288,
      memoryDevice: { sizeKiB: 2_097_152, blockKiB: 2048 },
    });
  });

  test.each([
    ['another model', memory(size(2, 512), 'dimm')],
    ['two of them', memory(size(1, 2)) + memory(size(1, 2))],
    ['no whole blocks', memory(size(2, 1))],
    ['a small block', memory(size(2, 512, 64))],
  ])('none that can be resized: %s', (_, text) => {
    expect(domain(`<devices>${text}</devices>`)).not.toHaveProperty('memoryDevice');
  });
});

describe('tuning of a definition', () => {
  test('what is not said is absent', () => {
    expect(domain('')).toEqual({
      name: 'a',
      uuid: expect.any(String),
      type: 'kvm',
      memoryKiB: 4_194_304,
      currentMemoryKiB: 4_194_304,
      vcpus: 1,
      maxVcpus: 1,
      nics: [],
      disks: [],
      numaCells: [],
      onCrash: 'destroy',
      autostart: false,
      initialState: 'running',
      load: 'steady',
      osType: 'hvm',
    });
  });

  test.each<[string, DomainConfig['cputune']]>([
    ['<cputune/>', undefined],
    ['<cputune><shares>0</shares><period>0</period><quota>0</quota></cputune>', undefined],
    ['<cputune><shares>2048</shares></cputune>', { shares: 2048 }],
    ['<cputune><period>50000</period><quota>25000</quota></cputune>', { periodUs: 50_000, quotaUs: 25_000 }],
    ['<cputune><quota>-17</quota></cputune>', { quotaUs: -1 }],
    [
      "<vcpu>4</vcpu><cputune><vcpupin vcpu='2' cpuset='1-4,^2'/><vcpupin vcpu='9' cpuset='1'/></cputune>",
      { vcpupin: [undefined, undefined, [1, 3, 4]] },
    ],
    ["<cputune><emulatorpin cpuset='0,7'/></cputune>", { emulatorpin: [0, 7] }],
    [
      "<vcpu cpuset='4-5'>2</vcpu><cputune><vcpupin vcpu='1' cpuset='8'/></cputune>",
      { vcpupin: [[4, 5], [8]], emulatorpin: [4, 5] },
    ],
  ])('%s', (xml, cputune) => {
    expect(domain(xml).cputune).toEqual(cputune);
  });

  const CELLS =
    "<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0' memory='1048576'/><cell id='1' cpus='1' memory='1048576'/></numa></cpu>";

  test.each<[string, DomainConfig['numatune']]>([
    ["<numatune><memory placement='auto'/></numatune>", undefined],
    ["<numatune><memory nodeset='0-1'/></numatune>", { mode: 'strict', nodeset: [0, 1], memnodes: [] }],
    [
      `${CELLS}<numatune><memory mode='interleave' nodeset='0,1'/><memnode cellid='1' mode='preferred' nodeset='1'/></numatune>`,
      {
        mode: 'interleave',
        nodeset: [0, 1],
        memnodes: [{ cellId: 1, mode: 'preferred', nodeset: [1] }],
      },
    ],
    [
      `${CELLS}<numatune><memnode cellid='0' nodeset='1'/></numatune>`,
      { mode: 'preferred', nodeset: [1], memnodes: [{ cellId: 0, mode: 'strict', nodeset: [1] }] },
    ],
  ])('%s', (xml, numatune) => {
    expect(domain(xml).numatune).toEqual(numatune);
  });

  test.each<[string, DomainConfig['backing']]>([
    ['<memoryBacking><nosharepages/></memoryBacking>', undefined],
    ['<memoryBacking><locked/></memoryBacking>', { kind: 'locked' }],
    ['<memoryBacking><hugepages/><locked/></memoryBacking>', { kind: 'hugepages' }],
    [
      "<memoryBacking><hugepages><page size='1' unit='GiB'/></hugepages></memoryBacking>",
      { kind: 'hugepages', hugePageKiB: 1_048_576 },
    ],
    ["<memoryBacking><hugepages><page size='4'/></hugepages></memoryBacking>", undefined],
  ])('%s', (xml, backing) => {
    expect(domain(xml).backing).toEqual(backing);
  });

  test.each<[string, DomainConfig['memballoon']]>([
    ["<memballoon model='none'/>", { model: 'none' }],
    ["<memballoon model='virtio-transitional'/>", { model: 'virtio' }],
    [
      "<memballoon model='virtio' autodeflate='on' freePageReporting='off'><stats period='10'/></memballoon>",
      { model: 'virtio', autodeflate: true, freePageReporting: false, statsPeriodSeconds: 10 },
    ],
  ])('%s', (xml, memballoon) => {
    expect(domain(`<devices>${xml}</devices>`).memballoon).toEqual(memballoon);
  });

  test('the type of the system, and the title', () => {
    expect(domain('', { type: 'xen', os: '<type>linux</type>' }).osType).toBe('linux');
    expect(domain('', { type: 'lxc', os: '<type>exe</type>' }).osType).toBe('exe');
    expect(domain('<title>Shop</title>').title).toBe('Shop');
  });
});

describe('a container', () => {
  const container = (xml: string) => domain(xml, { type: 'lxc', os: '<type>exe</type>' }).container;

  test.each<[string, DomainConfig['container']]>([
    ['', undefined],
    ['<features><privnet/></features>', { privnet: true }],
    [
      "<idmap><uid start='0' target='1000' count='10'/><gid start='0' target='1000' count='10'/></idmap>",
      { idmap: true },
    ],
    [
      "<memtune><hard_limit unit='MiB'>1024</hard_limit><soft_limit unit='MiB'>512</soft_limit><swap_hard_limit unit='MiB'>1536</swap_hard_limit></memtune>",
      { limits: { memory: { max: 2 ** 30, high: 2 ** 29, swapMax: 2 ** 29 } } },
    ],
    ['<memtune><hard_limit>9007199254740988</hard_limit></memtune>', undefined],
  ])('%s', (xml, expected) => {
    expect(container(xml)).toEqual(expected);
  });

  test('is no virtual machine: <memtune> of one has no such limits', () => {
    expect(domain('<memtune><hard_limit>1048576</hard_limit></memtune>').container).toBeUndefined();
  });
});

describe('tuning of an interface', () => {
  test.each<[string, object]>([
    ['', {}],
    ["<link state='down'/>", { linkDown: true }],
    ["<link state='up'/>", {}],
    [
      "<driver name='qemu' txmode='timer' rx_queue_size='1024' tx_queue_size='512'/>",
      { backEnd: 'qemu', txMode: 'timer', rxQueueSize: 1024, txQueueSize: 512 },
    ],
    ["<driver name='vhost' rx_queue_size='300'/>", { backEnd: 'vhost' }],
    [
      "<driver event_idx='off'><host csum='off' tso4='off' ufo='on' mrg_rxbuf='off' gso='off'/><guest csum='off' tso4='on'/></driver>",
      {
        features: {
          eventIdx: false,
          csum: false,
          hostTso4: false,
          hostUfo: true,
          mrgRxbuf: false,
          guestCsum: false,
          guestTso4: true,
        },
      },
    ],
    [
      "<bandwidth><inbound average='1000' peak='5000' burst='1024'/><outbound average='128'/></bandwidth>",
      { inbound: { average: 1000, peak: 5000, burst: 1024 }, outbound: { average: 128 } },
    ],
    ["<bandwidth><inbound floor='200'/></bandwidth>", {}],
  ])('%s', (xml, tuning) => {
    expect(nic(xml)).toEqual({ type: 'bridge', source: 'br0', queues: 1, ...tuning });
  });

  test('the mode of macvtap', () => {
    const direct = nic('', "direct'><source dev='eth0' mode='private'/");
    expect(direct).toEqual({ type: 'direct', source: 'eth0', queues: 1, macvtapMode: 'private' });
  });
});

describe('tuning of a disk', () => {
  test.each<[string, object]>([
    ['', {}],
    ["<driver name='qemu' type='qcow2'/>", { format: 'qcow2' }],
    ["<driver type='raw'/>", { format: 'raw-sparse' }],
    ["<driver type='vmdk'/>", {}],
    ["<driver error_policy='stop'/>", { errorPolicy: 'stop', rerrorPolicy: 'stop' }],
    ["<driver error_policy='enospace'/>", { errorPolicy: 'enospace' }],
    ["<driver error_policy='stop' rerror_policy='ignore'/>", { errorPolicy: 'stop', rerrorPolicy: 'ignore' }],
    [
      '<iotune><total_bytes_sec>1000</total_bytes_sec><read_iops_sec>40</read_iops_sec><read_iops_sec_max>90</read_iops_sec_max><read_iops_sec_max_length>3</read_iops_sec_max_length></iotune>',
      {
        iotune: {
          total_bytes: { perSecond: 1000, max: 0, lengthSeconds: 1 },
          read_iops: { perSecond: 40, max: 90, lengthSeconds: 3 },
        },
      },
    ],
    ['<iotune><total_iops_sec>0</total_iops_sec></iotune>', {}],
    ['<iotune><read_iops_sec_max>90</read_iops_sec_max></iotune>', {}],
  ])('%s', (xml, tuning) => {
    const plain = { type: 'file', device: 'disk', target: 'vda', bus: 'virtio', source: '/a' };
    expect(disk(xml)).toEqual({ ...plain, ...tuning });
  });

  test('a device is a block, and a volume lies in its pool', () => {
    expect(disk("<driver type='raw'/>", "type='block'", "dev='/dev/a'").format).toBe('block');
    expect(disk('', "type='volume'", "pool='fast' volume='a'").pool).toBe('fast');
  });
});

describe('weights of disks', () => {
  const weights = (blkiotune: string) =>
    domain(
      `<blkiotune>${blkiotune}</blkiotune><devices><disk type='block'><source dev='/dev/a'/><target dev='vda'/></disk><disk><source file='/b'/><target dev='vdb'/></disk></devices>`,
    ).disks.map(({ weight }) => weight);

  test.each<[string, (number | undefined)[]]>([
    ['', [undefined, undefined]],
    ['<weight>800</weight>', [800, 800]],
    ['<weight>0</weight>', [undefined, undefined]],
    ['<weight>5000</weight>', [undefined, undefined]],
    ['<weight>800</weight><device><path>/dev/a</path><weight>100</weight></device>', [100, 800]],
    ['<device><path>/dev/c</path><weight>100</weight></device>', [undefined, undefined]],
  ])('%s', (blkiotune, expected) => {
    expect(weights(blkiotune)).toEqual(expected);
  });
});

describe('devices that act on events alone', () => {
  test.each<[string, DomainConfig['devices']]>([
    ['', undefined],
    ["<watchdog model='ib700'/>", { watchdog: { model: 'ib700' } }],
    [
      "<watchdog model='i6300esb' action='poweroff'/>",
      { watchdog: { model: 'i6300esb', action: 'poweroff' } },
    ],
    ["<watchdog model='diag288'/>", undefined],
    ["<panic model='isa'/>", { kernel: { pvpanic: 'crash-loaded' } }],
    ["<panic model='hyperv'/>", { kernel: { pvpanic: 'panicked' } }],
    ["<controller type='usb' model='none'/>", { usb: false }],
    ["<controller type='usb' model='ich9-uhci1'/>", { usb: { model: 'ich9-ehci1', devices: [] } }],
    [
      "<controller type='usb' model='piix3-uhci'/><input type='tablet' bus='usb'/><input type='keyboard' bus='usb'/><input type='mouse' bus='usb'/>",
      {
        usb: {
          model: 'piix3-uhci',
          devices: [
            { kind: 'tablet', speed: 'full', port: 0 },
            { kind: 'keyboard', speed: 'full', port: 1 },
          ],
        },
      },
    ],
    [
      "<controller type='usb' model='qemu-xhci'/><disk type='file'><source file='/a'/><target dev='sda' bus='usb'/></disk>",
      { usb: { model: 'qemu-xhci', devices: [{ kind: 'storage', speed: 'high', port: 0 }] } },
    ],
    ["<input type='tablet' bus='virtio'/>", undefined],
    ["<video><model type='qxl'/></video>", { qxl: {} }],
    ["<video><model type='virtio'/></video>", undefined],
    [
      "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
      { agent: { channel: true, installed: true } },
    ],
    [
      "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='disconnected'/></channel>",
      { agent: { channel: true, installed: false } },
    ],
    ["<serial type='pty'/>", { console: {} }],
  ])('%s', (xml, expected) => {
    expect(devices(xml)).toEqual(expected);
  });

  test.each<[string, DomainConfig['devices']]>([
    ["<bios useserial='yes'/>", { console: { useSerial: true } }],
    ["<bootmenu enable='yes'/><boot dev='hd'/>", { console: { bootMenu: true } }],
    [
      "<bootmenu enable='yes' timeout='3500'/>",
      { console: { bootMenu: true, seconds: { 'boot-menu': 3.5 } } },
    ],
    ["<bootmenu enable='yes' timeout='soon'/>", { console: { bootMenu: true } }],
    ["<boot dev='network'/><boot dev='hd'/>", { console: { networkFirst: true } }],
  ])('<os> with %s', (os, expected) => {
    expect(devices('', `<type>hvm</type>${os}`)).toEqual(expected);
  });

  test('the smallest boot order comes first', () => {
    const booted = (nicOrder: number) =>
      devices(
        `<disk><source file='/a'/><target dev='vda'/><boot order='2'/></disk><interface type='user'><boot order='${nicOrder}'/></interface>`,
      );
    expect(booted(1)).toEqual({ console: { networkFirst: true } });
    expect(booted(3)).toBeUndefined();
  });

  test.each<[string, DomainConfig['devices']]>([
    ["<clock offset='utc'/>", { rtc: { offset: 'utc' } }],
    ["<clock offset='localtime'/>", { rtc: { offset: 'localtime' } }],
    [
      "<clock offset='variable' adjustment='-3600'/>",
      { rtc: { offset: 'variable', adjustmentSeconds: -3600 } },
    ],
    ["<clock offset='utc' adjustment='60'/>", { rtc: { offset: 'variable', adjustmentSeconds: 60 } }],
    ["<clock offset='timezone' timezone='Europe/Paris'/>", undefined],
  ])('%s', (xml, expected) => {
    expect(domain(xml).devices).toEqual(expected);
  });
});

test('the fixture with everything has something of each', () => {
  const everything = parseDomainXml(readFileSync(`${FIXTURES}everything.xml`, 'utf8'), 'everything.xml');
  expect(everything).toMatchObject({
    title: 'All',
    osType: 'hvm',
    cputune: { shares: 2048, periodUs: 1_000_000, quotaUs: -1, emulatorpin: [1, 2, 3] },
    numatune: { mode: 'strict', nodeset: [1, 2, 4] },
    backing: { kind: 'hugepages', hugePageKiB: 2048 },
    memballoon: { autodeflate: true, freePageReporting: true, statsPeriodSeconds: 10 },
    devices: {
      console: { useSerial: true, bootMenu: true, networkFirst: true },
      kernel: { pvpanic: 'panicked' },
      usb: { model: 'qemu-xhci' },
      qxl: {},
      watchdog: { model: 'i6300esb', action: 'poweroff' },
      agent: { channel: true, installed: true },
      rtc: { offset: 'utc' },
    },
  });
});
