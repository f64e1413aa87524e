import type { Host } from '../../emulation/host/host.ts';
import type { SensorConfig } from '../../emulation/host/host-config.ts';
import { sensorOf } from '../../emulation/platform/components.ts';
import { ENTITY_SENSOR_MIB } from '../../mib/generated/entity-sensor-mib.ts';
import type { BoundModule } from '../../mib/module.ts';
import { IntegerRows } from '../integer-rows.ts';
import type { Entities, Entity } from './entities.ts';

const { columns } = ENTITY_SENSOR_MIB.tables.entPhySensorTable;
const { enums: TYPE } = columns.entPhySensorType.syntax;
const { enums: SCALE } = columns.entPhySensorScale.syntax;
const { enums: STATUS } = columns.entPhySensorOperStatus.syntax;
const THOUSAND = 1000;
/** The values of EntitySensorValue that mean too little and too much (RFC 3433). */
const LIMIT = 1_000_000_000;
/** Read when somebody asks (RFC 3433, entPhySensorValueUpdateRate). */
const ON_DEMAND = 0;

/** How a kind of sensor is shown: its decimal places are what a board's sensor can tell. */
const SHOWN: Readonly<
  Record<SensorConfig['kind'], { readonly type: number; readonly decimals: number; readonly units: string }>
> = {
  temperature: { type: TYPE.celsius, decimals: 1, units: 'degrees Celsius' },
  power: { type: TYPE.watts, decimals: 1, units: 'watts' },
  // rpm(10) is no fixed-point number.
  fan: { type: TYPE.rpm, decimals: 0, units: 'revolutions per minute' },
};

/** ENTITY-SENSOR-MIB (RFC 3433) over the sensors of one host's board. */
export function entitySensorMib(
  host: Host,
  entities: Entities,
  nowMs: () => number,
  upTime: (atMs: number) => number,
): BoundModule {
  const reading = ({ component }: Entity) => host.sensors.readOne(sensorOf(component), nowMs());
  const shown = ({ component }: Entity) => SHOWN[host.config.sensors[sensorOf(component)]!.kind];
  return {
    definition: ENTITY_SENSOR_MIB,
    description: 'What the sensors of the host show',
    scalars: {},
    tables: {
      entPhySensorTable: {
        rows: new IntegerRows({
          count: () => entities.sensors.length,
          id: (place) => entities.sensors[place]!.index,
          row: (place) => entities.sensors[place]!,
        }),
        columns: {
          entPhySensorType: (sensor: Entity) => shown(sensor).type,
          entPhySensorScale: () => SCALE.units,
          entPhySensorPrecision: (sensor: Entity) => shown(sensor).decimals,
          entPhySensorValue: (sensor: Entity) => {
            const value = Math.round((reading(sensor).value * 10 ** shown(sensor).decimals) / THOUSAND);
            return Math.max(-LIMIT, Math.min(LIMIT, value));
          },
          // What is out of range cannot be believed (RFC 3433, EntitySensorStatus).
          entPhySensorOperStatus: (sensor: Entity) =>
            reading(sensor).ok ? STATUS.ok : STATUS.nonoperational,
          entPhySensorUnitsDisplay: (sensor: Entity) => shown(sensor).units,
          entPhySensorValueTimeStamp: () => upTime(nowMs()),
          entPhySensorValueUpdateRate: () => ON_DEMAND,
        },
      },
    },
  };
}
