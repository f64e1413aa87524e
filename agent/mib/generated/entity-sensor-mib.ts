// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of ENTITY-SENSOR-MIB, as of 200212160000Z. */
export const ENTITY_SENSOR_MIB = {
  name: 'ENTITY-SENSOR-MIB',
  oid: [1, 3, 6, 1, 2, 1, 99],
  lastUpdated: '200212160000Z',
  scalars: {},
  tables: {
    entPhySensorTable: {
      oid: [1, 3, 6, 1, 2, 1, 99, 1, 1],
      entry: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1],
      entryName: 'entPhySensorEntry',
      status: 'current',
      index: [
        {
          name: 'entPhysicalIndex',
          module: 'ENTITY-MIB',
          implied: false,
          syntax: {
            base: 'Integer32',
            convention: 'PhysicalIndex',
            ranges: [[1, 2147483647]],
            displayHint: 'd',
          },
        },
      ],
      columns: {
        entPhySensorType: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 1],
          syntax: {
            base: 'Integer32',
            convention: 'EntitySensorDataType',
            enums: {
              other: 1,
              unknown: 2,
              voltsAC: 3,
              voltsDC: 4,
              amperes: 5,
              watts: 6,
              hertz: 7,
              celsius: 8,
              percentRH: 9,
              rpm: 10,
              cmm: 11,
              truthvalue: 12,
            },
          },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorScale: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 2],
          syntax: {
            base: 'Integer32',
            convention: 'EntitySensorDataScale',
            enums: {
              yocto: 1,
              zepto: 2,
              atto: 3,
              femto: 4,
              pico: 5,
              nano: 6,
              micro: 7,
              milli: 8,
              units: 9,
              kilo: 10,
              mega: 11,
              giga: 12,
              tera: 13,
              exa: 14,
              peta: 15,
              zetta: 16,
              yotta: 17,
            },
          },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorPrecision: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 3],
          syntax: { base: 'Integer32', convention: 'EntitySensorPrecision', ranges: [[-8, 9]] },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorValue: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 4],
          syntax: { base: 'Integer32', convention: 'EntitySensorValue', ranges: [[-1000000000, 1000000000]] },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorOperStatus: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 5],
          syntax: {
            base: 'Integer32',
            convention: 'EntitySensorStatus',
            enums: { ok: 1, unavailable: 2, nonoperational: 3 },
          },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorUnitsDisplay: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 6],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 255]],
            displayHint: '255t',
          },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorValueTimeStamp: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 7],
          syntax: { base: 'TimeTicks', convention: 'TimeStamp' },
          access: 'read-only',
          status: 'current',
        },
        entPhySensorValueUpdateRate: {
          oid: [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 8],
          syntax: { base: 'Unsigned32' },
          access: 'read-only',
          status: 'current',
          units: 'milliseconds',
        },
      },
    },
  },
  notifications: {},
  nodes: {
    entitySensorObjects: [1, 3, 6, 1, 2, 1, 99, 1],
    entitySensorConformance: [1, 3, 6, 1, 2, 1, 99, 3],
    entitySensorCompliances: [1, 3, 6, 1, 2, 1, 99, 3, 1],
    entitySensorCompliance: [1, 3, 6, 1, 2, 1, 99, 3, 1, 1],
    entitySensorGroups: [1, 3, 6, 1, 2, 1, 99, 3, 2],
    entitySensorValueGroup: [1, 3, 6, 1, 2, 1, 99, 3, 2, 1],
  },
} as const satisfies ModuleDefinition;
