// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';
import { ALARM_MIB } from './alarm-mib.ts';
import { DISMAN_EVENT_MIB } from './disman-event-mib.ts';
import { ENTITY_MIB } from './entity-mib.ts';
import { ENTITY_SENSOR_MIB } from './entity-sensor-mib.ts';
import { HOST_RESOURCES_MIB } from './host-resources-mib.ts';
import { HOST_RESOURCES_TYPES } from './host-resources-types.ts';
import { IF_MIB } from './if-mib.ts';
import { LIBVIRT_MIB } from './libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from './libvirt-stats-mib.ts';
import { NOTIFICATION_LOG_MIB } from './notification-log-mib.ts';
import { SNMPV2_MIB } from './snmpv2-mib.ts';
import { SNMP_COMMUNITY_MIB } from './snmp-community-mib.ts';
import { SNMP_FRAMEWORK_MIB } from './snmp-framework-mib.ts';
import { SNMP_MPD_MIB } from './snmp-mpd-mib.ts';
import { SNMP_NOTIFICATION_MIB } from './snmp-notification-mib.ts';
import { SNMP_TARGET_MIB } from './snmp-target-mib.ts';
import { SNMP_USER_BASED_SM_MIB } from './snmp-user-based-sm-mib.ts';
import { SNMP_USM_DH_OBJECTS_MIB } from './snmp-usm-dh-objects-mib.ts';
import { SNMP_VIEW_BASED_ACM_MIB } from './snmp-view-based-acm-mib.ts';
import { VM_MIB } from './vm-mib.ts';

/** The definitions of all modules that are served. */
export const ALL_MODULES: readonly ModuleDefinition[] = [
  ALARM_MIB,
  DISMAN_EVENT_MIB,
  ENTITY_MIB,
  ENTITY_SENSOR_MIB,
  HOST_RESOURCES_MIB,
  HOST_RESOURCES_TYPES,
  IF_MIB,
  LIBVIRT_MIB,
  LIBVIRT_STATS_MIB,
  NOTIFICATION_LOG_MIB,
  SNMP_COMMUNITY_MIB,
  SNMP_FRAMEWORK_MIB,
  SNMP_MPD_MIB,
  SNMP_NOTIFICATION_MIB,
  SNMP_TARGET_MIB,
  SNMP_USER_BASED_SM_MIB,
  SNMP_USM_DH_OBJECTS_MIB,
  SNMP_VIEW_BASED_ACM_MIB,
  SNMPV2_MIB,
  VM_MIB,
];
