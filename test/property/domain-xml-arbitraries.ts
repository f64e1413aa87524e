import fc from 'fast-check';
import { LIMIT_NAMES } from '../../agent/emulation/block/block-config.ts';
import {
  CRASH_ACTIONS,
  type DevicesConfig,
  type DiskConfig,
  type DomainConfig,
  type NicConfig,
} from '../../agent/emulation/domain/domain-config.ts';
import { NUMA_MODES } from '../../agent/emulation/numa/numa-config.ts';
import { USB_PORTS, type UsbDeviceConfig } from '../../agent/emulation/usb/usb-config.ts';
import { WATCHDOG_ACTIONS } from '../../agent/emulation/watchdog/watchdog-config.ts';
import { defined } from '../../agent/util/defined.ts';

/** Any text that XML can hold, with what has to be escaped in it more often than not. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('<', '>', '&', '"', "'", '\r', '\t', ' ', ']]>', '&amp;', '<!--', 'é', '\u{1F600}'),
      fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join('').replace(/[^\t\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '_'));
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const flag = some(fc.boolean());
const uuid = fc.uuid();
const set = (max: number) =>
  fc
    .uniqueArray(fc.nat(max), { minLength: 1, maxLength: 12 })
    .map((numbers) => numbers.toSorted((a, b) => a - b));

function record<T extends object>(
  model: { [K in keyof T]-?: fc.Arbitrary<T[K] | undefined> },
): fc.Arbitrary<T> {
  return fc.record(model as Record<string, fc.Arbitrary<unknown>>).map(defined) as unknown as fc.Arbitrary<T>;
}

/** The object, or nothing when it would be empty. */
const filled = <T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  arbitrary.map((each) => (Object.keys(each).length > 0 ? each : undefined));

const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) =>
    Array.from(octets, (octet, i) => (i === 0 ? octet & 254 : octet).toString(16).padStart(2, '0')).join(':'),
  );
const limit = record<NonNullable<NicConfig['inbound']>>({
  average: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  peak: some(fc.integer({ min: 1, max: 2 ** 32 - 1 })),
  burst: some(fc.integer({ min: 1, max: 2 ** 32 - 1 })),
});
const ring = some(fc.constantFrom(256, 512, 1024));

const nic: fc.Arbitrary<NicConfig> = fc
  .record({
    type: fc.constantFrom(
      ...'network bridge direct user hostdev internal ethernet vdpa vds vhostuser client mcast udp null'.split(
        ' ',
      ),
    ),
    virtio: fc.constantFrom('virtio', 'virtio-transitional'),
    mode: some(
      fc.constantFrom('bridge', 'vepa', 'private', 'passthrough') as fc.Arbitrary<NicConfig['macvtapMode']>,
    ),
    source: some(text),
    rest: record<NicConfig>({
      type: fc.constant(''),
      mac: some(mac),
      source: fc.constant(undefined),
      model: some(fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/)),
      target: some(text),
      queues: fc.integer({ min: 1, max: 256 }),
      linkDown: some(fc.constant(true)),
      macvtapMode: fc.constant(undefined),
      backEnd: some(fc.constantFrom('qemu', 'vhost')),
      rxQueueSize: ring,
      txQueueSize: ring,
      txMode: some(fc.constantFrom('iothread', 'timer')),
      zeroCopy: fc.constant(undefined),
      features: filled(
        record<NonNullable<NicConfig['features']>>({
          csum: flag,
          guestCsum: flag,
          hostTso4: flag,
          hostUfo: flag,
          guestTso4: flag,
          mrgRxbuf: flag,
          eventIdx: flag,
          notifyOnEmpty: fc.constant(undefined),
        }),
      ),
      inbound: some(limit),
      outbound: some(limit),
      traffic: fc.constant(undefined),
    }),
  })
  .map(({ type, virtio, mode, source, rest }) =>
    defined({
      ...rest,
      type,
      source: ['user', 'hostdev', 'ethernet', 'null'].includes(type) ? undefined : source,
      model: type === 'vhostuser' ? virtio : rest.model,
      macvtapMode: type === 'direct' ? mode : undefined,
    }),
  ) as fc.Arbitrary<NicConfig>;

const amount = fc.integer({ min: 1, max: 2 ** 50 });
const iotune = filled(
  record<NonNullable<DiskConfig['iotune']>>(
    Object.fromEntries(
      LIMIT_NAMES.map((name) => [
        name,
        some(
          fc
            .record({
              perSecond: amount,
              burst: fc.nat(1000),
              lengthSeconds: fc.integer({ min: 1, max: 1000 }),
            })
            .map(({ perSecond, burst, lengthSeconds }) => ({
              perSecond,
              max: burst === 0 ? 0 : perSecond + burst,
              lengthSeconds,
            })),
        ),
      ]),
    ) as never,
  ).map((limits) =>
    defined({
      ...limits,
      ...(limits.total_iops && { read_iops: undefined, write_iops: undefined }),
      ...(limits.total_bytes && { read_bytes: undefined, write_bytes: undefined }),
    }),
  ),
);

/** What is behind a disk, by its type. */
const behind = fc.oneof(
  fc.record({
    type: fc.constantFrom('file', 'dir'),
    source: text,
    format: some(fc.constantFrom('qcow2' as const, 'raw-sparse' as const)),
  }),
  fc.record({
    type: fc.constantFrom('block', 'vhostvdpa'),
    source: text,
    format: some(fc.constantFrom('qcow2' as const, 'block' as const)),
  }),
  fc.record({ type: fc.constant('vhostuser'), source: text }),
  fc
    .record({ pool: fc.stringMatching(/^[a-zA-Z0-9 <>&'"._:-]{0,8}$/), volume: text, isEmpty: fc.boolean() })
    .map(({ pool, volume, isEmpty }) =>
      isEmpty
        ? { type: 'volume' }
        : { type: 'volume', source: `${pool}/${volume}`, ...(pool === '' ? {} : { pool }) },
    ),
  fc
    .record({
      protocol: fc.constantFrom('nbd', 'rbd', 'gluster', 'iscsi', 'https'),
      host: some(text),
      name: text,
    })
    .map(({ protocol, host, name }) => ({
      type: 'network',
      source: `${protocol}:${host === undefined ? '' : `//${host}/`}p/${name}`,
    })),
  fc.tuple(fc.nat(255), fc.nat(31), fc.nat(7), fc.nat(9)).map(([bus, slot, part, namespace]) => ({
    type: 'nvme',
    source: `nvme:0x0000:0x${bus.toString(16)}:0x${slot.toString(16)}.0x${part}/${namespace}`,
  })),
);

const letters = fc.stringMatching(/^[a-z]{1,2}$/);
const disk: fc.Arbitrary<DiskConfig> = fc
  .record({
    device: fc.constantFrom('disk', 'cdrom', 'floppy', 'lun'),
    prefix: fc.constantFrom('hd', 'vd', 'sd', 'xvd', 'ubd'),
    letters,
    bus: some(fc.constantFrom('ide', 'sata', 'scsi', 'virtio', 'usb', 'xen', 'sd')),
    behind,
    isEmpty: fc.boolean(),
    odd: fc.boolean(),
    more: record<Partial<DiskConfig>>({
      startupPolicy: some(fc.constantFrom('mandatory', 'requisite', 'optional')),
      errorPolicy: some(fc.constantFrom('stop', 'report', 'ignore', 'enospace')),
      rerrorPolicy: some(fc.constantFrom('stop', 'report', 'ignore')),
      iotune,
    } as never),
  })
  .map(({ device, prefix, letters, bus, behind, isEmpty, odd, more }) => {
    const { source, format, ...rest } = behind as Pick<DiskConfig, 'type' | 'source' | 'pool' | 'format'>;
    const mayBeEmpty = isEmpty && (device === 'cdrom' || device === 'floppy') && rest.type !== 'volume';
    const isLun = device === 'lun' && !['block', 'network', 'volume'].includes(rest.type);
    const policy = more.errorPolicy === 'enospace' ? undefined : more.errorPolicy;
    const onlyWithSource = ['network', 'nvme', 'vhostuser'].includes(rest.type) && mayBeEmpty;
    return defined({
      ...rest,
      ...more,
      device: isLun ? 'disk' : device,
      target: device === 'floppy' ? `fd${letters}` : `${prefix}${letters}${odd ? '-x' : ''}`,
      bus: device === 'floppy' ? 'fdc' : bus,
      source: mayBeEmpty ? undefined : source,
      format,
      startupPolicy: onlyWithSource ? undefined : more.startupPolicy,
      rerrorPolicy: more.rerrorPolicy ?? policy,
    }) as DiskConfig;
  });

const weights = fc.oneof(
  fc.constant<readonly (number | undefined)[]>([]),
  fc.integer({ min: 10, max: 1000 }).map((weight) => Array.from({ length: 8 }, () => weight)),
  fc.array(some(fc.integer({ min: 10, max: 1000 })), { minLength: 8, maxLength: 8 }),
);

/** Disks whose weights are as libvirt can tell them: by what is behind the disk. */
const disks = fc
  .tuple(fc.uniqueArray(disk, { maxLength: 6, selector: ({ target }) => target }), weights)
  .map(([list, weights]) => {
    const bySource = new Map<string, number | undefined>();
    return list.map((each, i) => {
      const key = each.source ?? '';
      if (!bySource.has(key)) bySource.set(key, weights[i]);
      const weight = bySource.get(key);
      return weight === undefined ? each : { ...each, weight };
    });
  });

const usbInput = fc.constantFrom<UsbDeviceConfig['kind']>('tablet', 'mouse', 'keyboard');

/** A bus as the reader makes it of inputs and of the disks that are on it. */
function usbOf(
  {
    isOff,
    model,
    inputs,
  }: { isOff: boolean; model?: keyof typeof USB_PORTS | undefined; inputs: UsbDeviceConfig['kind'][] },
  disks: readonly DiskConfig[],
): NonNullable<DevicesConfig['usb']> {
  if (isOff) return false;
  const storage = disks.filter(({ bus }) => bus === 'usb');
  const speed = model === undefined || model === 'piix3-uhci' ? 'full' : 'high';
  return {
    ...(model ? { model } : {}),
    devices: [
      ...inputs.map((kind) => ({ kind, speed: 'full' as const })),
      ...storage.map(() => ({ kind: 'storage' as const, speed }) as const),
    ]
      .slice(0, USB_PORTS[model ?? 'piix3-uhci'])
      .map((device, port) => ({ ...device, port })),
  };
}

const console = some(
  record<Record<string, unknown>>({
    useSerial: flag,
    bootMenu: flag,
    timeoutMs: some(fc.nat(65_535)),
    networkFirst: some(fc.constant(true)),
  }).map(({ timeoutMs, ...rest }) => ({
    ...rest,
    ...(timeoutMs !== undefined && rest['bootMenu'] !== undefined
      ? { seconds: { 'boot-menu': (timeoutMs as number) / 1000 } }
      : {}),
  })),
);

const rtc = some(
  fc.oneof(
    fc.constantFrom<DevicesConfig['rtc']>({ offset: 'utc' }, { offset: 'localtime' }, { offset: 'variable' }),
    fc
      .integer({ min: -1e9, max: 1e9 })
      .map((adjustmentSeconds) => ({ offset: 'variable' as const, adjustmentSeconds })),
  ),
);

const devices = record<DevicesConfig>({
  console,
  kernel: some(
    fc.constantFrom<DevicesConfig['kernel']>({ pvpanic: 'panicked' }, { pvpanic: 'crash-loaded' }),
  ),
  usb: fc.constant(undefined),
  qxl: some(fc.constant({})),
  watchdog: some(
    record<NonNullable<DevicesConfig['watchdog']>>({
      model: fc.constantFrom('i6300esb', 'ib700'),
      action: some(fc.constantFrom(...WATCHDOG_ACTIONS.filter((each) => each !== 'debug'))),
      timeoutSeconds: fc.constant(undefined),
      feedMs: fc.constant(undefined),
    }),
  ),
  agent: some(fc.boolean().map((installed) => ({ channel: true, installed }))),
  rtc,
});

const numatune = (cells: number) =>
  some(
    fc.record({
      mode: fc.constantFrom(...NUMA_MODES),
      nodeset: set(63),
      memnodes: fc.uniqueArray(
        fc.record({
          cellId: fc.nat(Math.max(0, cells - 1)),
          mode: fc.constantFrom(...NUMA_MODES),
          nodeset: set(63),
        }),
        { maxLength: cells, selector: ({ cellId }) => cellId },
      ),
    }),
  );

const pins = (maxVcpus: number) =>
  fc
    .array(some(set(127)), { minLength: 1, maxLength: Math.min(maxVcpus, 8) })
    .map((list) => (list.at(-1) === undefined ? undefined : list));

const KIB_MOST = 2 ** 50;

/** Definitions as the reader makes them: every field that libvirt's XML has, and no other. */
export const readableDomains: fc.Arbitrary<DomainConfig> = fc
  .record({
    type: fc.constantFrom('kvm', 'qemu', 'xen', 'lxc', 'uml', 'vmware', 'test'),
    maxVcpus: fc.integer({ min: 1, max: 64 }),
    cells: fc.nat(3),
    disks,
    usb: some(
      fc.record({
        isOff: fc.boolean(),
        model: some(fc.constantFrom('piix3-uhci', 'ich9-ehci1', 'qemu-xhci')),
        inputs: fc.array(usbInput, { maxLength: 3 }),
      }),
    ),
  })
  .chain(({ type, maxVcpus, cells, disks, usb }) =>
    fc.record({
      base: fc.constant({ type, disks, maxVcpus }),
      name: text.map((name) => name.replaceAll('/', '_')),
      uuid,
      sizes: fc.record({
        memoryKiB: fc.integer({ min: 16_384, max: KIB_MOST }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        blocks: fc.option(
          fc.record({
            count: fc.integer({ min: 1, max: 7 }),
            block: fc.constantFrom(1, 1, 2),
            plugged: fc.nat(7),
          }),
          { nil: undefined },
        ),
      }),
      vcpus: fc.nat(maxVcpus),
      nics: fc.array(nic, { maxLength: 4 }),
      cellCpus: fc.array(fc.nat(Math.max(0, cells - 1)), { minLength: maxVcpus, maxLength: maxVcpus }),
      cellKiB: fc.array(fc.integer({ min: 0, max: KIB_MOST }), { minLength: cells, maxLength: cells }),
      onCrash: fc.constantFrom(...CRASH_ACTIONS),
      title: some(text),
      description: some(fc.tuple(text, text).map((lines) => lines.join('\n'))),
      osType: fc.constantFrom('hvm', 'xen', 'linux', 'exe'),
      isUntyped: fc.boolean(),
      cputune: filled(
        record<NonNullable<DomainConfig['cputune']>>({
          shares: some(fc.integer({ min: 2, max: 262_144 })),
          periodUs: some(fc.integer({ min: 1000, max: 1_000_000 })),
          quotaUs: some(fc.oneof(fc.constant(-1), fc.integer({ min: 1000, max: 17_592_186_044_415 }))),
          vcpupin: some(pins(maxVcpus)),
          emulatorpin: some(set(127)),
        }),
      ),
      numatune: numatune(cells),
      backing: some(
        fc.oneof(
          fc.constant({ kind: 'locked' as const }),
          fc.constant({ kind: 'hugepages' as const }),
          fc
            .integer({ min: 5, max: 2 ** 30 })
            .map((hugePageKiB) => ({ kind: 'hugepages' as const, hugePageKiB })),
        ),
      ),
      memballoon: some(
        record<NonNullable<DomainConfig['memballoon']>>({
          model: fc.constantFrom('virtio', 'xen', 'none'),
          autodeflate: flag,
          freePageReporting: flag,
          statsPeriodSeconds: some(fc.nat(0x7fffffff)),
          driver: fc.constant(undefined),
        }),
      ),
      container: filled(
        record<NonNullable<DomainConfig['container']>>({
          limits: filled(
            record<{ max?: number; high?: number; swapMax?: number }>({
              max: some(amount.map((kib) => Math.ceil(kib / 4) * 1024)),
              high: some(amount.map((kib) => Math.ceil(kib / 4) * 1024)),
              swapMax: some(fc.nat(2 ** 40).map((kib) => kib * 1024)),
            }).map(({ swapMax, ...rest }) =>
              rest.max === undefined || swapMax === undefined ? rest : { ...rest, swapMax },
            ),
          ).map((memory) => memory && { memory }),
          privnet: some(fc.constant(true)),
          idmap: some(fc.constant(true)),
        }),
      ),
      devices: filled(
        devices.map((each) =>
          usb || disks.some(({ bus }) => bus === 'usb')
            ? { ...each, usb: usbOf(usb ?? { isOff: false, inputs: [] }, disks) }
            : each,
        ),
      ),
    }),
  )
  .map(({ base, sizes, cellCpus, cellKiB, isUntyped, ...rest }) => {
    const { type } = base;
    const mayBeUntyped = type === 'xen' || type === 'uml';
    const { memoryKiB, share, blocks } = sizes;
    const blockKiB = (blocks?.block ?? 1) * 2048;
    const sizeKiB = blockKiB * (blocks?.count ?? 0);
    const hasDevice = blocks !== undefined && type !== 'lxc' && sizeKiB < memoryKiB;
    return defined({
      ...rest,
      ...base,
      memoryKiB,
      currentMemoryKiB: hasDevice
        ? memoryKiB - sizeKiB + blockKiB * Math.min(blocks.plugged, blocks.count)
        : Math.max(1, Math.floor(memoryKiB * share)),
      ...(hasDevice ? { memoryDevice: { sizeKiB, blockKiB } } : {}),
      numaCells: cellKiB.map((memoryKiB, id) => ({
        id,
        cpus: cellCpus.flatMap((cell, cpu) => (cell === id ? [cpu] : [])),
        memoryKiB,
      })),
      container: type === 'lxc' ? rest.container : undefined,
      osType: mayBeUntyped && isUntyped ? undefined : rest.osType,
      autostart: false,
      initialState: 'running' as const,
      load: 'steady' as const,
    }) as DomainConfig;
  });
