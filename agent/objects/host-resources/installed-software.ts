import type { Host } from '../../emulation/host/host.ts';
import type { InstalledPackage } from '../../emulation/platform/software.ts';
import { HOST_RESOURCES_MIB } from '../../mib/generated/host-resources-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import { IntegerRows } from '../integer-rows.ts';
import { cut, dateAndTime, type Readers } from '../libvirt-stats/convert.ts';
import { NO_PRODUCT } from './convert.ts';

const { enums: TYPE } = HOST_RESOURCES_MIB.tables.hrSWInstalledTable.columns.hrSWInstalledType.syntax;
const MOST_NAME = 64;

/** hrSWInstalledTable: packages by their numbers, which are never given again; versions stand side by side. */
export function installedSoftware(host: Host, { wallMs }: Readers): TableBinding<InstalledPackage> {
  return {
    rows: new IntegerRows({
      count: () => host.software.packages.length,
      id: (place) => host.software.packages[place]!.number,
      row: (place) => host.software.packages[place]!,
    }),
    columns: {
      hrSWInstalledIndex: ({ number }) => number,
      hrSWInstalledName: ({ name, version }) => cut(`${name}-${version}`, MOST_NAME),
      hrSWInstalledID: () => NO_PRODUCT,
      hrSWInstalledType: ({ kind }) => (kind === 'package' ? TYPE.application : TYPE.operatingSystem),
      hrSWInstalledDate: ({ installedMs }) => dateAndTime(wallMs(installedMs)),
    },
  };
}
