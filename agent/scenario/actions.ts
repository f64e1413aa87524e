import { z } from 'zod';
import { text } from '../config/fields.ts';
import { findHost } from '../control/find.ts';
import {
  blockJobChange,
  blockJobSchema,
  debugChange,
  debugSchema,
  deviceSchema,
  tuneSchema,
} from '../control/routes/changes.ts';
import { raiseChange, raiseSchema } from '../control/routes/faults.ts';
import { actChange, actSchema } from '../control/routes/guests.ts';
import { hostAction, hostActSchema } from '../control/routes/hosts.ts';
import type { Change } from '../emulation/change.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import { FAULT_KIND_NAMES, faultKindInfo } from '../emulation/fault/fault-kind.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { parseDomainXml } from '../emulation/inventory/xml/parse-domain.ts';
import { defined } from '../util/defined.ts';
import { globMatch } from '../util/glob.ts';
import { guestsOf } from './targets.ts';

/** What a step can be about: each guest that a pattern fits, one host, or what its own keys say. */
type Target = 'guests' | 'host' | 'own';

/** One kind of action, with a body in the shape that the control API takes. */
export interface ActionKind {
  readonly on: Target;
  readonly about: string;
  /** Where the same body is sent to over HTTP; absent where the API has nothing like it. */
  readonly route?: string;
  readonly schema: z.ZodType;
  readonly example: string;
  /** What the schema does not see; each problem is a path within the body and a message. */
  readonly check?: (body: never) => readonly { readonly path: readonly string[]; readonly message: string }[];
  /** The changes that it comes to. Throws for what is not there, or is not possible. */
  readonly changes: (
    hypervisor: Hypervisor,
    body: never,
    on: { readonly domain: Domain; readonly host: Host },
  ) => Change[];
}

interface Given<S extends z.ZodType> extends Omit<ActionKind, 'schema' | 'check' | 'changes'> {
  readonly schema: S;
  readonly check?: (
    body: z.output<S>,
  ) => readonly { readonly path: readonly string[]; readonly message: string }[];
  readonly changes: (
    hypervisor: Hypervisor,
    body: z.output<S>,
    on: { readonly domain: Domain; readonly host: Host },
  ) => Change[];
}

function action<S extends z.ZodType>(given: Given<S>): ActionKind {
  return given as unknown as ActionKind;
}

const clearSchema = z.strictObject({
  kind: z.enum(FAULT_KIND_NAMES).optional(),
  guest: text(1, 255).optional(),
  host: text(1, 255).optional(),
});

type RaiseBody = z.output<typeof raiseSchema>;

function checkRaise({ kind, guest, parameters = {} }: RaiseBody) {
  const { on, parameters: takes } = faultKindInfo(kind);
  const problems = Object.keys(parameters)
    .filter((name) => !(takes as readonly string[]).includes(name))
    .map((name) => ({
      path: ['parameters', name],
      message: `not a parameter of ${kind}; ${takes.length === 0 ? 'it has none' : `expected ${takes.join(', ')}`}`,
    }));
  if (on === 'guest' && guest === undefined)
    return [...problems, { path: [], message: `guests have a ${kind}; expected guest` }];
  if (on === 'host' && guest !== undefined)
    return [
      ...problems,
      { path: ['guest'], message: `hosts have a ${kind}, not guests; expected host, or nothing` },
    ];
  return problems;
}

/** Everything that a step can do, by its key. */
export const ACTIONS = {
  fault: action({
    on: 'own',
    about: 'Let something go wrong with each guest that `guest` fits, or with a host (FAULTS.md).',
    route: 'POST /faults',
    schema: raiseSchema,
    example:
      '{ kind: memory-leak, guest: web-01, parameters: { bytesPerSecond: 33554432 }, durationMs: 600000 }',
    check: checkRaise,
    changes: (hypervisor, { guest, host, ...body }) =>
      guest === undefined
        ? [raiseChange(hypervisor, { ...body, host })]
        : guestsOf(hypervisor, { guest, host }).map((domain) =>
            raiseChange(hypervisor, { ...body, guest: domain.uuid, host: domain.host.name }),
          ),
  }),
  clear: action({
    on: 'own',
    about: 'Let the faults of a kind, a guest or a host be right again; all of them without keys.',
    schema: clearSchema,
    example: '{ kind: memory-leak, guest: web-01 }',
    changes: ({ faults }, { kind, guest, host }) =>
      faults
        .filter((fault) => kind === undefined || fault.kind === kind)
        .filter(
          ({ domain }) => guest === undefined || (domain !== undefined && globMatch(guest, domain.name)),
        )
        .filter((fault) => host === undefined || fault.host.name === host)
        .map(({ id }) => ({ op: 'fault', action: { clear: id } })),
  }),
  act: action({
    on: 'guests',
    about: 'Do something to a guest, or let something happen to it (LIFECYCLE.md).',
    route: 'POST /guests/{guest}/actions',
    schema: actSchema,
    example: '{ guest: "web-*", action: destroy }',
    changes: (hypervisor, body, { domain }) => [actChange(hypervisor, domain, body)],
  }),
  tune: action({
    on: 'guests',
    about: 'Change what a guest gets of its host, or what its programs do (`load`).',
    route: 'PATCH /guests/{guest}',
    schema: tuneSchema,
    example: '{ guest: web-01, load: steady, cpu: { quotaUs: 20000 } }',
    changes: (_hypervisor, body, { domain }) => [{ op: 'tune', domain, ...defined(body) }],
  }),
  device: action({
    on: 'guests',
    about: 'Let something happen in or to a device.',
    route: 'POST /guests/{guest}/devices',
    schema: deviceSchema,
    example: '{ guest: desktop, kind: hang }',
    changes: (_hypervisor, body, { domain }) => [{ op: 'device', domain, action: body }],
  }),
  debug: action({
    on: 'guests',
    about: 'Inject an NMI, or press keys.',
    route: 'POST /guests/{guest}/debug',
    schema: debugSchema,
    example: '{ guest: web-01, sysrq: c }',
    changes: (_hypervisor, body, { domain }) => {
      const change = debugChange(domain, body);
      return change ? [change] : [];
    },
  }),
  'block-job': action({
    on: 'guests',
    about: 'Start, slow down or end the block job of a disk.',
    route: 'POST /guests/{guest}/block-jobs/{disk}',
    schema: z.strictObject({ disk: text(1, 32), job: blockJobSchema }),
    example: '{ guest: db, disk: vda, job: { start: copy } }',
    changes: (_hypervisor, { disk, job }, { domain }) => [blockJobChange(domain, disk, job)],
  }),
  host: action({
    on: 'host',
    about: 'Reboot a host, or change its software.',
    route: 'POST /hosts/{host}/actions',
    schema: hostActSchema,
    example: '{ reboot: true }',
    changes: (_hypervisor, body, { host }) => [{ op: 'host', host, action: hostAction(body) }],
  }),
  define: action({
    on: 'host',
    about: 'Define a guest by libvirt domain XML.',
    route: 'POST /guests',
    schema: z.strictObject({ xml: z.string({ error: 'libvirt domain XML' }) }),
    example:
      '{ xml: "<domain type=\'kvm\'><name>late</name><memory>524288</memory><os><type>hvm</type></os></domain>" }',
    check: ({ xml }) => {
      try {
        parseDomainXml(xml, 'xml');
        return [];
      } catch (thrown) {
        return [{ path: ['xml'], message: (thrown as Error).message }];
      }
    },
    changes: (_hypervisor, { xml }, { host }) => [
      { op: 'define', host, config: parseDomainXml(xml, 'scenario') },
    ],
  }),
  undefine: action({
    on: 'guests',
    about: 'Undefine a guest; one that runs goes when it stops.',
    route: 'DELETE /guests/{guest}',
    schema: z.strictObject({}),
    example: '{ guest: web-01 }',
    changes: (_hypervisor, _body, { domain }) => [{ op: 'undefine', domain }],
  }),
  rename: action({
    on: 'guests',
    about: 'Give a guest that is shut off another name.',
    route: 'POST /guests/{guest}/rename',
    schema: z.strictObject({ name: text(1, 255) }),
    example: '{ guest: web-01, name: web-old }',
    changes: (_hypervisor, { name }, { domain }) => [{ op: 'rename', domain, name }],
  }),
} as const satisfies Record<string, ActionKind>;

/** A name of {@link ACTIONS}. */
export type ActionName = keyof typeof ACTIONS;
/** Every name of {@link ACTIONS}. */
export const ACTION_NAMES = Object.keys(ACTIONS) as ActionName[];

/** Keys beside the body by which an action says what it is about. */
export const TARGET_KEYS: Readonly<Record<Target, z.ZodObject>> = {
  guests: z.strictObject({ guest: text(1, 255), host: text(1, 255).optional() }),
  host: z.strictObject({ host: text(1, 255).optional() }),
  own: z.strictObject({}),
};

/** An action as a step has it. */
export interface WantedAction {
  readonly name: ActionName;
  /** Which guests or host, for those that are not about what their body says. */
  readonly on: { readonly guest?: string; readonly host?: string };
  readonly body: unknown;
}

/**
 * Does it, with the cause `scenario`. Returns on how many guests or hosts it was.
 * Throws what is refused; what was done before that stays.
 */
export function perform(hypervisor: Hypervisor, { name, on, body }: WantedAction): number {
  const kind: ActionKind = ACTIONS[name];
  const { guest, host } = on;
  if (kind.on === 'guests') {
    const domains = guestsOf(hypervisor, { guest: guest!, host });
    for (const domain of domains) apply(hypervisor, kind, body, domain.host, domain);
    return domains.length;
  }
  const one = host === undefined ? hypervisor.hosts[0]! : findHost(hypervisor, host);
  return apply(hypervisor, kind, body, one, undefined);
}

function apply(
  hypervisor: Hypervisor,
  kind: ActionKind,
  body: unknown,
  host: Host,
  domain: Domain | undefined,
): number {
  // A kind that is about guests gets one.
  const changes = kind.changes(hypervisor, body as never, { host, domain: domain as Domain });
  for (const change of changes) hypervisor.apply(change, 'scenario');
  return changes.length;
}
