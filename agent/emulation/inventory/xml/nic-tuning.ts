import { dictionary } from '../../../util/dictionary.ts';
import type { NicConfig } from '../../domain/domain-config.ts';
import type { BandwidthLimit, NicFeatures } from '../../net/net-config.ts';
import { attribute, child, type XmlElement } from './element.ts';
import { wholeNumber } from './values.ts';

/** What of a NIC is tuning. */
type NicTuning = Omit<NicConfig, 'type' | 'mac' | 'source' | 'model' | 'target' | 'queues'>;

/** Attributes of `<driver><host/>` and `<driver><guest/>`, and the features that they switch. */
export const HOST_FEATURES = dictionary<keyof NicFeatures>({
  csum: 'csum',
  tso4: 'hostTso4',
  ufo: 'hostUfo',
  mrg_rxbuf: 'mrgRxbuf',
});
export const GUEST_FEATURES = dictionary<keyof NicFeatures>({ csum: 'guestCsum', tso4: 'guestTso4' });

const RING_SIZES = [256, 512, 1024];

/** What an interface that passed the checks says of its link, driver and bandwidth; the rest is absent. */
export function readNicTuning(nic: XmlElement, type: string): NicTuning {
  const driver = child(nic, 'driver');
  const mode = type === 'direct' ? attribute(child(nic, 'source'), 'mode') : undefined;
  const name = attribute(driver, 'name');
  const txMode = attribute(driver, 'txmode');
  const rxQueueSize = ringSize(attribute(driver, 'rx_queue_size'));
  const txQueueSize = ringSize(attribute(driver, 'tx_queue_size'));
  const features = readFeatures(driver);
  const inbound = readBandwidth(nic, 'inbound');
  const outbound = readBandwidth(nic, 'outbound');
  return {
    ...(attribute(child(nic, 'link'), 'state') === 'down' ? { linkDown: true } : {}),
    ...(isMacvtapMode(mode) ? { macvtapMode: mode } : {}),
    ...(name === 'qemu' || name === 'vhost' ? { backEnd: name } : {}),
    ...(rxQueueSize === undefined ? {} : { rxQueueSize }),
    ...(txQueueSize === undefined ? {} : { txQueueSize }),
    ...(txMode === 'iothread' || txMode === 'timer' ? { txMode } : {}),
    ...(features ? { features } : {}),
    ...(inbound ? { inbound } : {}),
    ...(outbound ? { outbound } : {}),
  };
}

function isMacvtapMode(mode: string | undefined): mode is NonNullable<NicConfig['macvtapMode']> {
  return mode === 'bridge' || mode === 'vepa' || mode === 'private' || mode === 'passthrough';
}

/** A ring's size. The emulator would refuse another one at start: the default stands in for it. */
function ringSize(text: string | undefined): number | undefined {
  const size = text === undefined ? undefined : wholeNumber(text);
  return size !== undefined && RING_SIZES.includes(size) ? size : undefined;
}

function readFeatures(driver: XmlElement | undefined): Partial<NicFeatures> | undefined {
  const found: [keyof NicFeatures, boolean][] = [];
  const look = (element: XmlElement | undefined, names: Readonly<Record<string, keyof NicFeatures>>) => {
    for (const [name, value] of element?.attributes ?? []) {
      const feature = names[name];
      if (feature !== undefined) found.push([feature, value === 'on']);
    }
  };
  look(driver, dictionary<keyof NicFeatures>({ event_idx: 'eventIdx' }));
  look(child(driver, 'host'), HOST_FEATURES);
  look(child(driver, 'guest'), GUEST_FEATURES);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** A limit in KiB/s and KiB; `undefined` when nothing is held back. */
function readBandwidth(nic: XmlElement, direction: string): BandwidthLimit | undefined {
  const element = child(child(nic, 'bandwidth'), direction);
  const number = (name: string) => {
    const text = attribute(element, name);
    return text === undefined ? undefined : wholeNumber(text, { min: 1 });
  };
  const average = number('average');
  if (average === undefined) return undefined;
  const peak = number('peak');
  const burst = number('burst');
  return {
    average,
    ...(peak === undefined ? {} : { peak }),
    ...(burst === undefined ? {} : { burst }),
  };
}
