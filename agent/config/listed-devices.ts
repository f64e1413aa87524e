import type { DevicesConfig } from '../emulation/domain/domain-config.ts';
import { WATCHDOG_ACTIONS } from '../emulation/watchdog/watchdog-config.ts';
import { choice, flag, integer, list, option, section } from './fields.ts';
import {
  anyGiven,
  given,
  group,
  number,
  type Read,
  shorthand,
  wholeNumber,
  word,
  yesNo,
} from './optional.ts';

const MOST_SECONDS = 86_400;
const ERA = "the era's";

function stage(what: string) {
  return number(0, MOST_SECONDS, `Seconds of ${what}.`, ERA);
}

const console = section({
  useSerial: yesNo(
    'The firmware writes to the serial line (`<bios useserial=>`): sgabios.',
    'true; false for a guest of the profile rhel6',
  ),
  bootMenu: yesNo('The firmware offers a boot menu (`<bootmenu enable=>`).', 'false'),
  networkFirst: yesNo('It tries to boot from the network first, where nobody answers.', 'false'),
  loaderSerial: yesNo(
    'The boot loader uses the serial line.',
    'true; false for a guest of the profile rhel6',
  ),
  kernelConsole: yesNo('The kernel has `console=ttyS0` (hvc0 under Xen).', 'true'),
  getty: yesNo('A getty runs on it.', 'true'),
  bytesPerSecond: wholeNumber(1, 100_000_000, 'Speed of the line.', '11520 (115200 baud)'),
  scrollbackBytes: wholeNumber(1, 1_048_576, 'How much can be read again.', '16384'),
  backlogBytes: wholeNumber(1, 16_777_216, 'How much may wait for the line.', '65536'),
  seconds: group(
    section({
      firmware: stage('the firmware'),
      bootMenu: stage('the boot menu (`<bootmenu timeout=>`)'),
      bootDevice: stage('looking for the boot device'),
      networkBoot: stage('waiting for a server'),
      loader: stage("the boot loader's countdown"),
      kernelLoad: stage('loading the kernel'),
      kernel: stage('the kernel'),
      initramfs: stage('the initramfs'),
      init: stage('init'),
    }),
    'How long the stages of a boot take.',
    ERA,
  ),
});

const kernel = section({
  sysrq: wholeNumber(
    0,
    511,
    '`kernel.sysrq`: 0 is nothing, 1 everything, else a mask.',
    '16; 0 for a guest of the profile rhel6',
  ),
  unknownNmiPanic: yesNo('`kernel.unknown_nmi_panic`.', 'false'),
  panicOnUnrecoveredNmi: yesNo('`kernel.panic_on_unrecovered_nmi`.', 'false'),
  panicSeconds: wholeNumber(
    -1,
    MOST_SECONDS,
    '`kernel.panic`: seconds until it reboots, -1 for at once, 0 for never.',
    '0',
  ),
  kdump: yesNo('It has a crash kernel.', 'false'),
  crashKexecPostNotifiers: yesNo('The panic device is told before the crash kernel starts.', 'false'),
  logLevel: wholeNumber(0, 8, 'Messages of this level and above are not on the console.', '7'),
  dirtyKiBPerSecond: wholeNumber(0, 100_000_000, 'What its programs write.', '256'),
  writebackSeconds: wholeNumber(0, MOST_SECONDS, 'How long that stays in memory.', '30'),
});

const usb = section({
  model: word(
    ['piix3-uhci', 'ich9-ehci1', 'qemu-xhci', 'none'],
    'Its controller: UHCI, EHCI with companions, or xHCI; none for a domain without USB.',
    'qemu-xhci; piix3-uhci with the profile rhel6',
  ),
  devices: option(
    list(
      section({
        kind: option(choice(['tablet', 'mouse', 'keyboard', 'storage']), {
          about: 'What it is.',
          expected: 'one of tablet, mouse, keyboard, storage',
        }),
        speed: word(['low', 'full', 'high'], 'Its speed.', 'full'),
        port: wholeNumber(0, 15, 'Port of the bus, from 0.', 'its place in the list'),
      }),
      16,
      'devices',
    ).optional(),
    { about: 'What is plugged in.', expected: 'a list of devices', defaultText: 'a tablet' },
  ),
  remoteWakeup: yesNo(
    'The guest lets idle devices sleep until they wake it.',
    'true; false with the profile rhel6',
  ),
  autosuspendMs: wholeNumber(0, 86_400_000, 'ms without traffic after which a device sleeps.', '2000'),
  autostopMs: wholeNumber(0, 86_400_000, 'ms after which the guest stops an idle controller.', '1000'),
  wakeupNs: wholeNumber(0, 10_000_000, "Host's CPU time of a timer wakeup, in ns.", '8000'),
});

const qxl = section({
  revision: option(integer(2, 4).optional(), {
    about: 'Revision of the device.',
    expected: 'a whole number from 2 to 4',
    defaultText: '4; 3 with the profile rhel6',
  }),
  async: yesNo('The driver uses asynchronous commands.', 'true'),
  guardsIo: yesNo('The device ignores a guest that breaks its rules.', 'true; false with the profile rhel6'),
});

const watchdog = section({
  model: word(['i6300esb', 'ib700'], 'Its hardware.', 'i6300esb'),
  action: word(WATCHDOG_ACTIONS, 'What it does when it is not fed.', 'reset'),
  timeoutSeconds: wholeNumber(1, 2046, 'What the driver sets; even and up to 30 for ib700.', '30'),
  feedMs: wholeNumber(1, 2_046_000, 'How often the guest feeds it, in ms.', '10000'),
});

const agent = section({
  installed: option(flag().default(true), {
    about: 'The guest has the agent, too, and not its channel alone.',
    expected: 'true or false',
  }),
  restartMs: wholeNumber(1, 86_400_000, 'ms after which an agent that died is started again.', 'never'),
});

const clock = section({
  offset: word(['utc', 'localtime', 'variable'], 'What its hardware clock begins with.', 'utc'),
  adjustmentSeconds: wholeNumber(-1e9, 1e9, 'variable: seconds ahead of UTC.', '0'),
  zoneSeconds: wholeNumber(-86_400, 86_400, "localtime: seconds that the host's zone is ahead of UTC.", '0'),
  driftPpm: number(-10_000, 10_000, "What the guest's own clock gains, in parts per million.", '0'),
});

/** Devices of a listed domain that act on events alone. */
export const DEVICES = {
  serial: option(flag().default(true), {
    about: 'Whether it has a serial console.',
    expected: 'true or false',
  }),
  console: group(console, 'Its serial console, and what its guest writes there.', ERA),
  kernel: group(kernel, "Its kernel's settings for the case that something goes wrong.", ERA),
  panic: word(
    ['none', 'panicked', 'crash-loaded'],
    'The panic device and its driver: none, one that tells of panics, one that tells of crash kernels, too.',
    'crash-loaded; none with the profile rhel6',
  ),
  usb: group(usb, 'Its USB bus.', ERA),
  qxl: shorthand(qxl, (value) => (value === true ? {} : value === false ? undefined : value), {
    about: 'Its QXL display with SPICE.',
    expected: 'true, false, or a group of options',
    defaultText: 'false',
  }),
  watchdog: shorthand(watchdog, (value) => (typeof value === 'string' ? { action: value } : value), {
    about: 'Its watchdog.',
    expected: `one of ${WATCHDOG_ACTIONS.join(', ')}, or a group of options`,
    defaultText: 'none',
  }),
  agent: shorthand(agent, (value) => (value === true ? {} : value === false ? undefined : value), {
    about: "The guest agent's channel, with an agent.",
    expected: 'true, false, or a group of options',
    defaultText: 'false',
  }),
  clock: group(clock, '`<clock>`.', 'UTC'),
} as const;

/** The part of a definition that {@link DEVICES} reads. */
export function listedDevices(from: Read<typeof DEVICES>): DevicesConfig | undefined {
  const { agent: channel } = from;
  return anyGiven({
    console: from.serial ? consoleOf(from.console) : (false as const),
    kernel: anyGiven({ ...from.kernel, pvpanic: from.panic }),
    usb: usbOf(from.usb),
    qxl: from.qxl && (given(from.qxl) as NonNullable<DevicesConfig['qxl']>),
    watchdog: from.watchdog && given(from.watchdog),
    agent: channel && { ...given(channel), channel: true, installed: channel.installed },
    rtc: anyGiven(from.clock),
  });
}

function consoleOf(from: Read<typeof DEVICES>['console']): DevicesConfig['console'] {
  const { bootMenu, bootDevice, networkBoot, kernelLoad, ...plain } = from?.seconds ?? {};
  const seconds = anyGiven({
    ...plain,
    'boot-menu': bootMenu,
    'boot-device': bootDevice,
    'network-boot': networkBoot,
    'kernel-load': kernelLoad,
  });
  return anyGiven({ ...from, seconds });
}

function usbOf(from: Read<typeof DEVICES>['usb']): DevicesConfig['usb'] {
  if (!from) return undefined;
  if (from.model === 'none') return false;
  const devices = from.devices?.map(({ kind, speed, port }, i) => ({
    kind,
    speed: speed ?? ('full' as const),
    port: port ?? i,
  }));
  return given({ ...from, model: from.model, devices });
}
