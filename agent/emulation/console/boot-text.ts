import type { DomainConfig } from '../domain/domain-config.ts';
import type { Profile } from '../lifecycle/story.ts';
import type { BootStage, ConsoleConfig } from './console-config.ts';

/** What of a domain its boot messages tell. */
export type BootMachine = Pick<
  DomainConfig,
  'name' | 'uuid' | 'vcpus' | 'currentMemoryKiB' | 'disks' | 'nics'
> & { readonly profile: Profile };

/** Lines that one stage writes to the serial line. */
export interface StageText {
  readonly lines: readonly string[];
  /** Lines begin with the seconds since the kernel began, as `[    1.500000] `. */
  readonly stamped: boolean;
}

const NOTHING: StageText = { lines: [], stamped: false };
const KIB_PER_MIB = 1024;

const SOFTWARE = {
  rhel6: { firmware: '0.6.1.2', loader: 'GNU GRUB 0.97', kernel: '2.6.32-220.el6.x86_64', init: 'sysvinit' },
  modern: { firmware: '1.16.3', loader: 'GNU GRUB 2.06', kernel: '5.14.0-427.el9.x86_64', init: 'systemd' },
} as const;

const SERVICES = {
  rhel6: ['udev', 'hostname', 'filesystems', 'network', 'auditd', 'rsyslog', 'messagebus', 'sshd', 'crond'],
  modern: [
    'Journal Service',
    'Device Manager',
    'File Systems',
    'Network Manager',
    'Audit Service',
    'Message Bus',
    'SSH Server',
    'Command Scheduler',
  ],
} as const;

/** Printable ASCII: what a serial line of 8 bits without an encoding shows of a name. */
export function asciiOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, '?');
}

/** One domain's boot messages: each stage's text, whether or not it gets to the serial line. */
export function stageText(stage: BootStage, machine: BootMachine, config: ConsoleConfig): StageText {
  const software = SOFTWARE[machine.profile];
  switch (stage) {
    case 'firmware':
      return plain([
        `SeaBIOS (version ${software.firmware})`,
        `Machine UUID ${machine.uuid}`,
        'sgabios: serial console 115200 8N1, terminal 80x24',
        ...machine.nics.map((nic, i) => `Option ROM: network boot for NIC ${i} (${nic.model ?? 'rtl8139'})`),
        ...machine.disks.map((disk) => `Drive ${asciiOf(disk.target)}: ${disk.device} on ${busOf(disk.bus)}`),
      ]);
    case 'boot-menu':
      return plain(['Press F12 to choose a boot device.', '']);
    case 'boot-device':
      return plain([config.networkFirst ? 'Booting from the network...' : 'Booting from the hard disk...']);
    case 'network-boot':
      return plain([
        ...machine.nics.map((nic, i) => `net${i}: ${nic.mac ?? 'no address'}: asking for an address (DHCP)`),
        'No configuration received: network boot gives up.',
        'Booting from the hard disk...',
      ]);
    case 'loader':
      return plain([
        software.loader,
        ` > Linux ${software.kernel}`,
        ...countdown(config.seconds.loader),
        `Booting 'Linux ${software.kernel}'`,
      ]);
    case 'kernel-load':
      return plain(['Loading the kernel... ok, decompressing.']);
    case 'kernel':
      return stamped(kernelLines(machine, config));
    case 'initramfs':
      return stamped([
        'initramfs: looking for the root filesystem',
        `EXT4-fs (${rootOf(machine)}): mounted filesystem with ordered data mode`,
        `${software.init}: switching to the root filesystem`,
      ]);
    case 'init':
      return plain(initLines(machine, config));
  }
}

/** Whether a stage's text gets to the serial line (facts 7, table of stages). */
export function stageVisible(stage: BootStage, config: ConsoleConfig): boolean {
  switch (stage) {
    case 'firmware':
    case 'boot-menu':
    case 'boot-device':
    case 'network-boot':
    case 'kernel-load':
      return config.useSerial;
    case 'loader':
      return config.useSerial || config.loaderSerial;
    case 'kernel':
    case 'initramfs':
      // sgabios stops where the kernel leaves real mode: from there on only the kernel's own console counts.
      return config.kernelConsole;
    case 'init':
      return config.kernelConsole || config.getty;
  }
}

/** The text of one stage as far as it can be seen. */
export function visibleText(stage: BootStage, machine: BootMachine, config: ConsoleConfig): StageText {
  return stageVisible(stage, config) ? stageText(stage, machine, config) : NOTHING;
}

function plain(lines: readonly string[]): StageText {
  return { lines, stamped: false };
}

function stamped(lines: readonly string[]): StageText {
  return { lines, stamped: true };
}

function busOf(bus: string | undefined): string {
  return bus ?? 'ide';
}

function rootOf(machine: BootMachine): string {
  return `${asciiOf(machine.disks.find(({ device }) => device === 'disk')?.target ?? 'ram')}1`;
}

function countdown(seconds: number): readonly string[] {
  return Array.from({ length: Math.ceil(seconds) }, (_, i) => `Booting in ${Math.ceil(seconds) - i} s`);
}

/** The kernel's own name of the line that this console is. */
function ttyOf({ bootKind }: ConsoleConfig): string {
  if (bootKind === 'container') return 'console';
  return bootKind === 'paravirtual' ? 'hvc0' : 'ttyS0';
}

function kernelLines(machine: BootMachine, config: ConsoleConfig): readonly string[] {
  const { kernel } = SOFTWARE[machine.profile];
  const { currentMemoryKiB: memory, vcpus, disks, nics } = machine;
  const cpus = Array.from({ length: Math.max(0, vcpus - 1) }, (_, i) => `smp: CPU ${i + 1} is up`);
  return [
    `Linux version ${kernel}`,
    `Command line: root=/dev/${rootOf(machine)} ro console=${ttyOf(config)}`,
    'Memory map from the firmware:',
    ` 0x0000000000000000-0x000000000009fbff usable`,
    ` 0x0000000000100000-0x${(memory * 1024 - 1).toString(16).padStart(16, '0')} usable`,
    `Memory: ${memory}K in all (${Math.round(memory / KIB_PER_MIB)} MiB)`,
    ...cpus.slice(0, 16),
    `smp: ${vcpus} CPUs are up`,
    `Clock source: ${config.bootKind === 'paravirtual' ? 'xen' : 'kvm-clock'}`,
    'PCI: using configuration type 1',
    ...disks.map(
      ({ target, bus, device }) =>
        `${bus === 'virtio' ? 'virtio_blk' : busOf(bus)}: ${asciiOf(target)}: ${device}`,
    ),
    ...nics.map(
      ({ mac, model }, i) =>
        `${model === 'virtio' ? 'virtio_net' : (model ?? '8139cp')}: eth${i}: ${mac ?? 'random address'}`,
    ),
    config.bootKind === 'paravirtual'
      ? 'Console: hvc0 is up'
      : 'Serial: ttyS0 at I/O 0x3f8 (irq = 4) is a 16550A',
    'Freeing unused kernel memory',
  ];
}

function initLines(machine: BootMachine, config: ConsoleConfig): readonly string[] {
  const name = asciiOf(machine.name);
  const started = SERVICES[machine.profile].map((service) =>
    machine.profile === 'rhel6'
      ? `Starting ${service}: ${' '.repeat(20 - service.length)}[  OK  ]`
      : `[  OK  ] Started ${service}.`,
  );
  const { kernel } = SOFTWARE[machine.profile];
  return [
    ...(config.kernelConsole ? started : []),
    ...(config.getty ? [`Linux ${kernel} on ${ttyOf(config)}`, `${name} login: `] : []),
  ];
}
