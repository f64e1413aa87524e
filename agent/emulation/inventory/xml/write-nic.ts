import type { NicConfig } from '../../domain/domain-config.ts';
import type { BandwidthLimit } from '../../net/net-config.ts';
import { GUEST_FEATURES, HOST_FEATURES } from './nic-tuning.ts';
import { type Attributes, node, unlessEmpty, type XmlNode } from './xml-node.ts';

/** Attributes of `<source>` that hold what an interface is attached to, by its type. */
const SOURCE_ATTRIBUTE: Readonly<Record<string, string>> = {
  network: 'network',
  bridge: 'bridge',
  direct: 'dev',
  internal: 'name',
  vdpa: 'dev',
  vds: 'switchid',
  vhostuser: 'path',
  server: 'port',
  client: 'address',
  mcast: 'address',
  udp: 'address',
};

/** What libvirt insists on beside that, and the simulation has no use for. */
const SOURCE_REST: Readonly<Record<string, Attributes>> = {
  vhostuser: { type: 'unix', mode: 'client' },
  vds: { portid: 0, portgroupid: 'dvportgroup-0', connectionid: 0 },
  client: { port: 0 },
  mcast: { port: 0 },
  udp: { port: 0 },
};

/** `<interface>`; `alias` is that of a running domain. */
export function writeNic(nic: NicConfig, alias?: string): XmlNode {
  const { type, mac, model, target, linkDown } = nic;
  return node('interface', { type }, [
    mac === undefined ? undefined : node('mac', { address: mac }),
    writeSource(nic),
    writeBandwidth(nic),
    target === undefined ? undefined : node('target', { dev: target }),
    model === undefined ? undefined : node('model', { type: model }),
    writeDriver(nic),
    linkDown ? node('link', { state: 'down' }) : undefined,
    alias === undefined ? undefined : node('alias', { name: alias }),
  ]);
}

function writeSource({ type, source, macvtapMode }: NicConfig): XmlNode | undefined {
  if (type === 'hostdev')
    return node('source', {}, [
      node('address', { type: 'pci', domain: '0x0000', bus: '0x00', slot: '0x00', function: '0x0' }),
    ]);
  const attribute = SOURCE_ATTRIBUTE[type];
  if (attribute === undefined) return undefined;
  return node(
    'source',
    { ...SOURCE_REST[type], [attribute]: source ?? '', ...(type === 'direct' && { mode: macvtapMode }) },
    type === 'udp' ? [node('local', { address: '127.0.0.1', port: 0 })] : [],
  );
}

function writeDriver({ backEnd, queues, rxQueueSize, txQueueSize, txMode, features }: NicConfig) {
  const switches = (names: Readonly<Record<string, keyof NonNullable<typeof features>>>): Attributes =>
    Object.fromEntries(Object.entries(names).map(([name, feature]) => [name, onOff(features?.[feature])]));
  return unlessEmpty(
    node(
      'driver',
      {
        name: backEnd,
        txmode: txMode,
        event_idx: onOff(features?.eventIdx),
        queues: queues > 1 ? queues : undefined,
        rx_queue_size: rxQueueSize,
        tx_queue_size: txQueueSize,
      },
      [
        unlessEmpty(node('host', switches(HOST_FEATURES))),
        unlessEmpty(node('guest', switches(GUEST_FEATURES))),
      ],
    ),
  );
}

/** A switch as libvirt writes it; `undefined` for one that is not given. */
export function onOff(value: boolean | undefined): 'on' | 'off' | undefined {
  return value === undefined ? undefined : value ? 'on' : 'off';
}

function writeBandwidth({ inbound, outbound }: NicConfig): XmlNode | undefined {
  const limit = (name: string, limits: BandwidthLimit | undefined) =>
    limits && node(name, { average: limits.average, peak: limits.peak, burst: limits.burst });
  return unlessEmpty(node('bandwidth', {}, [limit('inbound', inbound), limit('outbound', outbound)]));
}
