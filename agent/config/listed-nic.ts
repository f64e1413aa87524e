import type { z } from 'zod';
import type { NicConfig } from '../emulation/domain/domain-config.ts';
import type { BandwidthLimit } from '../emulation/net/net-config.ts';
import { choice, flag, integer, option, section } from './fields.ts';
import { anyGiven, given, group, number, type Read, wholeNumber, word, yesNo } from './optional.ts';

const MODES = ['bridge', 'vepa', 'private', 'passthrough'] as const;
const MOST_KIB = 2 ** 32 - 1;

const bandwidth = section({
  average: option(integer(1, MOST_KIB), {
    about: 'What is allowed for ever, in KiB per second.',
    expected: `a whole number from 1 to ${MOST_KIB}`,
  }),
  peak: wholeNumber(1, MOST_KIB, 'What is allowed in a burst, in KiB per second.', "the line's rate"),
  burst: wholeNumber(1, MOST_KIB, 'Size of a burst, in KiB.', 'a second of the average'),
});

const features = section({
  csum: yesNo('The device finishes checksums (`<host csum=>`).', 'true'),
  guestCsum: yesNo('The driver believes checksums that the device says are right (`<guest csum=>`).', 'true'),
  hostTso4: yesNo('The driver hands over TCP in chunks of up to 64 KiB (`<host tso4=>`).', 'true'),
  hostUfo: yesNo('The same for UDP (`<host ufo=>`).', 'false; true with the profile rhel6'),
  guestTso4: yesNo('The driver takes several TCP frames as one (`<guest tso4=>`).', 'true'),
  mrgRxbuf: yesNo('A frame may span several receive buffers (`<host mrg_rxbuf=>`).', 'true'),
  eventIdx: yesNo('Each side says when it wants to be woken (`event_idx=`).', 'true'),
  notifyOnEmpty: yesNo('The device interrupts when it has nothing left to send.', 'false'),
});

const traffic = section({
  localShare: number(0, 1, 'Share of what it sends that is for other guests of its segment.', '0.2'),
  localWeight: number(0, 1000, 'How much of what neighbours send it gets, beside others.', '1'),
  smallBytes: wholeNumber(60, 255, 'Octets of a small frame.', '90'),
  largeBytes: wholeNumber(60, 9014, 'Octets of a large frame.', '1514'),
  largeShare: number(0, 1, 'Share of the frames that are large.', '0.65'),
  udpShare: number(0, 1, 'Share of the frames that are UDP.', '0.1'),
  burstFrames: wholeNumber(1, 10_000, 'Frames that come in a row.', '8'),
  gapNs: wholeNumber(0, 1_000_000_000, 'ns between the frames of a burst.', '1500'),
});

const RING = [256, 512, 1024] as const;

function ringSize(about: string) {
  const error = `one of ${RING.join(', ')}`;
  return option(
    integer(256, 1024)
      .refine((value) => RING.some((each) => each === value), { error })
      .optional(),
    { about, expected: error, defaultText: '256' },
  );
}

/** What one NIC of a listed domain may have beside its attachment. */
export const NIC_SYSTEMS = {
  link: option(choice(['up', 'down']).default('up'), { about: 'Its link.', expected: 'one of up, down' }),
  mode: word(MODES, 'Mode of macvtap, for the type direct.', 'vepa'),
  backEnd: word(['vhost', 'qemu'], 'Who moves its frames.', 'vhost for virtio, qemu for others'),
  rxQueueSize: ringSize('Entries of a receive ring (`rx_queue_size=`).'),
  txQueueSize: ringSize('Entries of a transmit ring (`tx_queue_size=`).'),
  txMode: word(
    ['iothread', 'timer'],
    'How the emulator sends: at once, or 150 us after the kick (`txmode=`).',
    'iothread',
  ),
  zeroCopy: option(flag().default(false), {
    about: 'Whether vhost sends large frames without copying them.',
    expected: 'true or false',
  }),
  features: group(features, 'virtio features, where they differ.', "the era's"),
  inbound: group(bandwidth, 'Limit of what comes to the guest (`<bandwidth>`).'),
  outbound: group(bandwidth, 'Limit of what it sends.'),
  txFps: number(0, 100_000_000, 'Frames per second that the guest sends when it is fully busy.', '4000'),
  rxFps: number(0, 100_000_000, 'Frames per second that the outside world sends to it then.', '3000'),
  traffic: group(traffic, 'What its frames are like.', "a quiet server's"),
} as const;

/** The part of a NIC's definition that {@link NIC_SYSTEMS} reads. */
export function nicSystems(from: Read<typeof NIC_SYSTEMS>): Partial<NicConfig> {
  const { rxQueueSize, txQueueSize, txMode, backEnd } = from;
  return given({
    linkDown: from.link === 'down' || undefined,
    macvtapMode: from.mode,
    backEnd,
    rxQueueSize,
    txQueueSize,
    txMode,
    zeroCopy: from.zeroCopy || undefined,
    features: anyGiven(from.features),
    inbound: limit(from.inbound),
    outbound: limit(from.outbound),
    traffic: anyGiven({ ...from.traffic, txFps: from.txFps, rxFps: from.rxFps }),
  });
}

function limit(from: z.output<typeof bandwidth> | undefined): BandwidthLimit | undefined {
  return from && { ...given(from), average: from.average };
}
