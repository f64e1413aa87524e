import { z } from 'zod';
import { ALL_MODULES } from '../mib/generated/all-modules.ts';
import { moduleSubtrees } from '../mib/module-subtrees.ts';
import { flag, list, option, section } from './fields.ts';
import { nearest } from './nearest.ts';

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

/** Modules that have objects or notifications, and so can be seen or not. */
export const SEEN_MODULES: readonly string[] = [...moduleSubtrees(ALL_MODULES).keys()].sort();
/** Those that nothing is seen of but with `access: admin`. */
export const ADMIN_MODULES: readonly string[] = [
  'SNMP-COMMUNITY-MIB',
  'SNMP-NOTIFICATION-MIB',
  'SNMP-USM-DH-OBJECTS-MIB',
  'SNMP-VIEW-BASED-ACM-MIB',
];

const MODULE_NAME = 'the name of a module such as IF-MIB';
const NAMED = `${MODULE_NAME}, or a list of them`;

/** Marked as whole, so that the text is not shown: what stands here by mistake may be a community. */
const seenModule = z.string({ error: MODULE_NAME }).superRefine((name, context) => {
  if (SEEN_MODULES.includes(name)) return;
  const near = nearest(name, SEEN_MODULES);
  const advice = near ? `did you mean ${near}?` : `expected one of ${SEEN_MODULES.join(', ')}`;
  const message = `is no module of this agent; ${advice}`;
  context.addIssue({ code: 'custom', message, params: { whole: true } });
});

function seenModules() {
  return list(seenModule, SEEN_MODULES.length, 'names of modules', 1).optional();
}

const selection = section({
  include: option(seenModules(), {
    about: 'Modules that are seen, with their notifications.',
    expected: NAMED,
    defaultText: 'all',
  }),
  exclude: option(seenModules(), {
    about: 'Modules that are not seen.',
    expected: NAMED,
    defaultText: 'none',
  }),
}).superRefine(({ include, exclude }, context) => {
  const issue = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { whole: true } });
  if (!include && !exclude) issue([], 'names no module; expected include or exclude to be given');
  exclude?.forEach((name, at) => {
    if (include?.includes(name))
      issue(['exclude', at], `${name} is in include as well; expected it in one of the two`);
  });
});

/** The option `modules` of whoever asks: which modules he sees. */
export function moduleSelection() {
  return option(selection.optional(), {
    about: 'Which modules are seen, of those that `access` lets be seen.',
    expected: 'a group of options',
    defaultText: 'all of them',
  });
}

/** Which modules somebody sees, by name: those included, or all, without those excluded. */
export interface ModuleSelection {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Somebody who asks. */
interface Requester {
  readonly access: string;
  readonly modules?: ModuleSelection | undefined;
}

/** Modules named for somebody to see, or not to, that nobody sees, or not with his access. `at`: where he is defined. */
export function seenModuleConflicts(
  { access, modules }: Requester,
  served: Readonly<Record<SwitchableModule, boolean>>,
  at: readonly PropertyKey[],
) {
  const conflicts = (key: 'include' | 'exclude') =>
    (modules?.[key] ?? []).flatMap((name, index) => {
      const path = [...at, 'modules', key, index];
      if ((served as Readonly<Record<string, boolean>>)[name] === false)
        return {
          path,
          message: `${name} is switched off by agent.modules; expected a module that is served`,
        };
      if (key === 'exclude' || access === 'admin' || !ADMIN_MODULES.includes(name)) return [];
      const message = `nothing of ${name} is seen with access: ${access}; expected access: admin, or another module`;
      return { path, message };
    });
  return [...conflicts('include'), ...conflicts('exclude')];
}
