import type { Domain } from '../../emulation/domain/domain.ts';
import type { NicConfig } from '../../emulation/domain/domain-config.ts';
import type { Host } from '../../emulation/host/host.ts';
import { nicAddress } from '../../emulation/net/mac-address.ts';
import { isContainer } from '../../emulation/process/process-config.ts';
import type { TableBinding } from '../../mib/module.ts';
import { BY_NUMBER, GuestRows, severalForEach } from '../guest-rows.ts';
import type { Interfaces } from '../if-mib/interfaces.ts';
import { cut } from '../libvirt-stats/convert.ts';

const NO_INTERFACE = 0;

/** One NIC of a domain, by its place in the definition. */
interface NetworkRow {
  readonly domain: Domain;
  readonly place: number;
  readonly config: NicConfig;
}

/** vmNetworkTable: the NICs of every domain. `interfaces`: where IF-MIB is served. */
export function networkTable(host: Host, interfaces: Interfaces | undefined): TableBinding<NetworkRow> {
  const tapOf = ({ domain, place }: NetworkRow) => interfaces?.tapOf(domain, place);
  return {
    rows: new GuestRows<NetworkRow>(
      host.domains,
      severalForEach(
        ({ config }) => config.nics.length,
        (domain, place) => ({ domain, place, config: domain.config.nics[place]! }),
        ({ place }) => place + 1,
      ),
      BY_NUMBER,
    ),
    columns: {
      vmNetworkIfIndex: (row) => tapOf(row)?.index ?? NO_INTERFACE,
      vmNetworkParent: (row) => tapOf(row)?.lower?.index ?? NO_INTERFACE,
      vmNetworkModel: ({ domain, config }) =>
        isContainer(domain.config) ? '' : cut(config.model ?? 'virtio'),
      vmNetworkPhysAddress: ({ domain, place, config }) => nicAddress(domain.uuidOctets, config, place),
    },
  };
}
