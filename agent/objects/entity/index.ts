import { ENTITY_MIB } from '../../mib/generated/entity-mib.ts';
import type { BoundModule, TableBinding } from '../../mib/module.ts';
import { uuidOctets } from '../../util/uuid.ts';
import { IntegerRows, NO_ROWS } from '../integer-rows.ts';
import { cut, truth } from '../libvirt-stats/convert.ts';
import type { Keep } from '../managed-binding.ts';
import { NumberedRows } from '../numbered-rows.ts';
import type { Entities, Entity } from './entities.ts';
import type { OwnerNames } from './owner-names.ts';

/** What has no identifier of its maker. */
const NO_TYPE = [0, 0];
/** Of entPhysicalMfgDate: not known. */
const NO_DATE = new Uint8Array(8);
const NO_UUID = new Uint8Array(0);
/** ifIndex of IF-MIB, whose instances stand for interfaces (RFC 6933, entAliasMappingIdentifier). */
const IF_INDEX = [1, 3, 6, 1, 2, 1, 2, 2, 1, 1];
/** What holds for every logical entity (RFC 6933, entAliasLogicalIndexOrZero). */
const ANY_LOGICAL_ENTITY = 0;

export interface EntityMibOptions {
  readonly entities: Entities;
  readonly names: OwnerNames;
  /** sysUpTime at a simulated instant. */
  readonly upTime: (atMs: number) => number;
  readonly keep: Keep;
}

/**
 * ENTITY-MIB (RFC 6933) over the parts of one host.
 *
 * There is one naming scope, that of the host: no row of entLogicalTable is needed to tell several apart.
 */
export function entityMib({ entities, names, upTime, keep }: EntityMibOptions): BoundModule {
  return {
    definition: ENTITY_MIB,
    description: 'The parts of the host, and how they belong together',
    scalars: {
      entLastChangeTime: {
        read: () => {
          entities.review();
          return entities.changedMs === undefined ? 0 : upTime(entities.changedMs);
        },
      },
    },
    tables: {
      entPhysicalTable: physicalTable(entities, names, keep),
      entLogicalTable: {
        rows: NO_ROWS,
        columns: Object.fromEntries(
          [
            ...['entLogicalDescr', 'entLogicalType', 'entLogicalCommunity', 'entLogicalTAddress'],
            ...['entLogicalTDomain', 'entLogicalContextEngineID', 'entLogicalContextName'],
          ].map((column) => [column, () => undefined]),
        ),
      },
      entLPMappingTable: { rows: NO_ROWS, columns: { entLPPhysicalIndex: () => undefined } },
      entAliasMappingTable: {
        rows: new NumberedRows({
          count: () => entities.ports.length,
          index: (place) => [entities.ports[place]!.index, ANY_LOGICAL_ENTITY],
          row: (place) => entities.ports[place]!,
        }),
        columns: { entAliasMappingIdentifier: ({ ifIndex }: Entity) => [...IF_INDEX, ifIndex!] },
      },
      entPhysicalContainsTable: {
        rows: new NumberedRows({
          count: () => entities.contained.length,
          index: (place) => {
            const { parent, index } = entities.contained[place]!;
            return [parent, index];
          },
          row: (place) => entities.contained[place]!,
        }),
        columns: { entPhysicalChildIndex: ({ index }: Entity) => index },
      },
    },
  };
}

function physicalTable(entities: Entities, names: OwnerNames, keep: Keep): TableBinding<Entity> {
  return {
    rows: new IntegerRows({
      count: () => entities.all.length,
      id: (place) => entities.all[place]!.index,
      row: (place) => entities.all[place]!,
    }),
    columns: {
      entPhysicalDescr: ({ component }) => cut(component.description),
      entPhysicalVendorType: () => NO_TYPE,
      entPhysicalContainedIn: ({ parent }) => parent,
      entPhysicalClass: (entity) => entity.class,
      entPhysicalParentRelPos: ({ position }) => position,
      entPhysicalName: ({ component }) => cut(component.name),
      entPhysicalHardwareRev: () => '',
      entPhysicalFirmwareRev: () => '',
      entPhysicalSoftwareRev: ({ component }) => cut(component.software),
      entPhysicalSerialNum: ({ component }) => component.serial,
      entPhysicalMfgName: ({ component }) => component.manufacturer,
      entPhysicalModelName: ({ component }) => cut(component.model),
      entPhysicalAlias: (entity) => names.of(entity).alias,
      entPhysicalAssetID: (entity) => names.of(entity).assetId,
      entPhysicalIsFRU: ({ component }) => truth(component.isReplaceable),
      entPhysicalMfgDate: () => NO_DATE,
      entPhysicalUris: (entity) => names.of(entity).uris,
      entPhysicalUUID: ({ component: { uuid } }) => (uuid === undefined ? NO_UUID : uuidOctets(uuid)),
    },
    testSet: (request) => names.testSet(request, keep, () => entities.changed('manager')),
  };
}
