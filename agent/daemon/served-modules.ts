import type { SwitchableModule } from '../config/modules.ts';
import type { Config } from '../config/schema.ts';
import type { BoundModule } from '../mib/module.ts';
import type { NotificationFamily } from '../objects/notifications.ts';

/** The module that defines the notifications of a family. */
const FAMILY_MODULE: Readonly<Record<NotificationFamily, SwitchableModule>> = {
  libvirt: 'LIBVIRT-MIB',
  stats: 'LIBVIRT-STATS-MIB',
  if: 'IF-MIB',
  vm: 'VM-MIB',
  entity: 'ENTITY-MIB',
};

/** The module, unless the configuration leaves it out: then nothing is made for it. */
export function ifServed({ agent }: Config, name: SwitchableModule, bind: () => BoundModule): BoundModule[] {
  return agent.modules[name] ? [bind()] : [];
}

/** The families of notifications that are asked for, and whose modules are served. */
export function toldFamilies({ traps }: Config, { agent }: Config): NotificationFamily[] {
  return traps.families.filter((family) => agent.modules[FAMILY_MODULE[family]]);
}
