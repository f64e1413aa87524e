import { flag, option, section } from './fields.ts';

/** The MIB modules that can be left out: all but those that SNMP itself needs. */
export const SWITCHABLE_MODULES = [
  'ALARM-MIB',
  'DISMAN-EVENT-MIB',
  'ENTITY-MIB',
  'ENTITY-SENSOR-MIB',
  'HOST-RESOURCES-MIB',
  'IF-MIB',
  'LIBVIRT-MIB',
  'LIBVIRT-STATS-MIB',
  'NOTIFICATION-LOG-MIB',
  'VM-MIB',
] as const;
/** A name of {@link SWITCHABLE_MODULES}. */
export type SwitchableModule = (typeof SWITCHABLE_MODULES)[number];

function served() {
  return flag().default(true);
}

const switches = section(
  Object.fromEntries(SWITCHABLE_MODULES.map((name) => [name, served()])) as Record<
    SwitchableModule,
    ReturnType<typeof served>
  >,
);

/** The option `agent.modules`: whether each module is served. */
export const modules = option(switches.prefault({}), {
  about: `Modules that are not served, and whose notifications are not sent, with false: ${SWITCHABLE_MODULES.join(', ')}.`,
  expected: 'for each module true or false',
  defaultText: 'all are served',
  whole: true,
  restart: true,
});
