import { readFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { type DomainStats, STATS_GROUPS } from '../../control/domain-stats.ts';
import type { GuestView } from '../../control/views.ts';
import type { ActionName } from '../../emulation/lifecycle/story.ts';
import { errorText, VirtsnmpError } from '../../util/errors.ts';
import { oneOf } from '../choices.ts';
import type { ClientContext } from './context.ts';
import { guestInfo, guestList, guestState, guestStats } from './guest-text.ts';

/** Options that every command about guests takes. */
export interface GuestOptions {
  readonly host?: string;
}

/** Acts of the life cycle that need no more than a guest: virsh's name, what it does, what is said afterwards. */
const ACTS: readonly (readonly [command: string, action: ActionName, about: string, done: string])[] = [
  ['shutdown', 'shutdown', 'ask a guest to shut down', 'is being shutdown'],
  ['reboot', 'reboot', 'ask a guest to reboot', 'is being rebooted'],
  ['reset', 'reset', 'reset a guest, as its reset button does', 'was reset'],
  ['destroy', 'destroy', "pull a guest's plug", 'destroyed'],
  ['suspend', 'suspend', 'make the vCPUs of a guest stand still', 'suspended'],
  ['resume', 'resume', 'let them go on', 'resumed'],
  ['save', 'save', 'write the memory of a guest to a file, and stop it', 'is being saved'],
  ['managedsave', 'managedsave', 'save a guest; its next start goes on there', 'is being saved'],
  [
    'managedsave-remove',
    'managedsave-remove',
    'forget what managedsave wrote',
    'has no managed save image now',
  ],
  ['dump', 'dump', "write a guest's memory to a core file", 'is being dumped'],
  ['dompmsuspend', 'pm-suspend', 'have a guest suspend to RAM', 'successfully suspended'],
  ['dompmwakeup', 'wakeup', 'wake a guest from that', 'successfully woken up'],
  ['domjobabort', 'cancel-job', 'cancel the save, dump or migration of a guest', 'has no job any more'],
];

/** Adds the commands that do what virsh's commands of these names do. */
export function addGuestCommands(program: Command, context: ClientContext): void {
  addLists(program, context);
  for (const [name, action, about, done] of ACTS) {
    context.guestCommand(program, name, about).action(
      context.run(async (guest: string, options: GuestOptions) => {
        await act(context, guest, options, { action });
        context.say(`Domain '${guest}' ${done}`);
      }),
    );
  }
  addStarts(program, context);
  addDefinitions(program, context);
  addTuning(program, context);
}

function addLists(program: Command, context: ClientContext): void {
  const { client } = context;
  context
    .command(program, 'list', 'list the guests that run')
    .option('--all', 'those that are shut off as well')
    .option('--inactive', 'only those that are shut off')
    .option('--name', 'names alone')
    .option('--uuid', 'UUIDs alone')
    .option('--host <name>', 'of one host')
    .action(
      context.run(async (flags: GuestOptions & Record<'all' | 'inactive' | 'name' | 'uuid', boolean>) => {
        const all = await client().get<GuestView[]>(context.path('/guests', { host: flags.host }));
        const guests = all.filter(
          ({ state }) => flags.all || (state === 'SHUTOFF') === Boolean(flags.inactive),
        );
        const sorted = guests.sort(
          (a, b) => (a.id ?? Infinity) - (b.id ?? Infinity) || (a.name < b.name ? -1 : 1),
        );
        if (flags.name)
          context.show(
            sorted,
            sorted.map(({ name }) => name),
          );
        else if (flags.uuid)
          context.show(
            sorted,
            sorted.map(({ uuid }) => uuid),
          );
        else context.show(sorted, guestList(sorted));
      }),
    );
  context.guestCommand(program, 'dominfo', 'what a guest is').action(
    context.run(async (guest: string, options: GuestOptions) => {
      const view = await show(context, guest, options);
      context.show(view, guestInfo(view));
    }),
  );
  context
    .guestCommand(program, 'domstate', 'the state of a guest')
    .option('--reason', 'with the reason')
    .action(
      context.run(async (guest: string, options: GuestOptions & { reason?: boolean }) => {
        const view = await show(context, guest, options);
        context.show({ state: view.state, reason: view.reason }, guestState(view, options.reason ?? false));
      }),
    );
  context
    .command(program, 'domstats', "statistics of guests, by libvirt's names")
    .argument('[guest...]', 'names or UUIDs; all that run when none is given')
    .option('--host <name>', 'of one host')
    .option('--state', 'state and reason')
    .option('--cpu-total', 'CPU time')
    .option('--balloon', 'memory')
    .option('--vcpu', 'vCPUs')
    .option('--interface', 'NICs')
    .option('--block', 'disks')
    .action(
      context.run(async (names: string[], { host, ...flags }: GuestOptions & Record<string, boolean>) => {
        const groups = STATS_GROUPS.filter((group) => flags[group.replace(/-./, (c) => c[1]!.toUpperCase())]);
        const wanted =
          names.length > 0
            ? names
            : (await client().get<GuestView[]>(context.path('/guests', { host })))
                .filter(({ id }) => id !== undefined)
                .map(({ name }) => name);
        const all: Record<string, DomainStats> = {};
        const lines: string[] = [];
        for (const name of wanted) {
          const query = { host, groups: groups.length > 0 ? groups.join(',') : undefined };
          const stats = await client().get<DomainStats>(
            context.path(`/guests/${encodeURIComponent(name)}/stats`, query),
          );
          all[name] = stats;
          lines.push(...guestStats(name, stats));
        }
        context.show(all, lines);
      }),
    );
}

function addStarts(program: Command, context: ClientContext): void {
  for (const [name, action, about] of [
    ['start', 'start', 'start a guest that is shut off'],
    ['restore', 'restore', 'start a guest with the memory that save wrote'],
  ] as const) {
    context
      .guestCommand(program, name, about)
      .option('--paused', 'and leave it paused')
      .action(
        context.run(async (guest: string, { paused, ...options }: GuestOptions & { paused?: boolean }) => {
          await act(context, guest, options, { action, ...(paused && { paused }) });
          context.say(`Domain '${guest}' ${action === 'start' ? 'started' : 'restored'}`);
        }),
      );
  }
  context
    .guestCommand(program, 'migrate', 'move a running guest to another host')
    .argument('<target>', 'the host that it goes to')
    .option('--postcopy', 'move first, and its memory afterwards')
    .option('--persistent', 'define it there')
    .option('--undefinesource', 'undefine it here')
    .action(
      context.run(
        async (
          guest: string,
          target: string,
          flags: GuestOptions & Record<'postcopy' | 'persistent' | 'undefinesource', boolean | undefined>,
        ) => {
          await act(context, guest, flags, {
            action: 'migrate',
            target,
            mode: flags.postcopy ? 'postcopy' : 'precopy',
            persist: flags.persistent ?? false,
            undefineSource: flags.undefinesource ?? false,
          });
          context.say(`Domain '${guest}' is being migrated to ${target}`);
        },
      ),
    );
}

function addDefinitions(program: Command, context: ClientContext): void {
  context
    .command(program, 'define', 'define a guest by libvirt domain XML, or change it')
    .argument('<file>', 'the XML')
    .option('--host <name>', 'on this host; the first when not given')
    .action(
      context.run(async (file: string, options: GuestOptions) => {
        const xml = readXmlFile(file);
        const path = context.path('/guests', { host: options.host });
        const view = JSON.parse(
          await context.client().text('POST', path, xml, 'application/xml'),
        ) as GuestView;
        context.say(`Domain '${view.name}' defined from ${file}`, view);
      }),
    );
  context.guestCommand(program, 'undefine', 'undefine a guest; one that runs goes when it stops').action(
    context.run(async (guest: string, options: GuestOptions) => {
      await context.client().send('DELETE', guestPath(context, guest, options));
      context.say(`Domain '${guest}' has been undefined`);
    }),
  );
  context
    .guestCommand(program, 'domrename', 'give a guest that is shut off another name')
    .argument('<new-name>', 'what it is called from now on')
    .action(
      context.run(async (guest: string, name: string, options: GuestOptions) => {
        await context.client().send('POST', guestPath(context, guest, options, '/rename'), { name });
        context.say(`Domain successfully renamed`);
      }),
    );
}

function addTuning(program: Command, context: ClientContext): void {
  const tune = (guest: string, options: GuestOptions, changes: object) =>
    context.client().send<GuestView>('PATCH', guestPath(context, guest, options), changes);
  context
    .guestCommand(program, 'autostart', 'start a guest with its host')
    .option('--disable', 'do not')
    .action(
      context.run(async (guest: string, { disable, ...options }: GuestOptions & { disable?: boolean }) => {
        await tune(guest, options, { autostart: !disable });
        context.say(`Domain '${guest}' ${disable ? 'unmarked' : 'marked'} as autostarted`);
      }),
    );
  context
    .guestCommand(program, 'setmem', 'set the memory that a guest shall have')
    .argument('<size>', 'in KiB, or with a unit: 2G, 512MiB')
    .action(
      context.run(async (guest: string, size: string, options: GuestOptions) => {
        await tune(guest, options, { balloonKiB: context.kib(size) });
      }),
    );
  context
    .guestCommand(program, 'setvcpus', 'set how many vCPUs are plugged in')
    .argument('<count>', 'at most its maximum')
    .action(
      context.run(async (guest: string, count: string, options: GuestOptions) => {
        await tune(guest, options, { vcpus: context.whole(count) });
      }),
    );
  context
    .guestCommand(program, 'domif-setlink', "set the link of a guest's NIC up or down")
    .argument('<nic>', "the NIC's place in the definition, from 0")
    .addArgument(oneOf(new Argument('<state>', 'of the link'), ['up', 'down']))
    .action(
      context.run(async (guest: string, nic: string, state: string, options: GuestOptions) => {
        await tune(guest, options, { link: { nic: context.whole(nic), up: state === 'up' } });
        context.say('Device updated successfully');
      }),
    );
  context
    .guestCommand(program, 'schedinfo', "set a guest's share of the processors")
    .option('--cpu-shares <n>', 'weight against the other guests')
    .option('--vcpu-period <us>', 'over which the quota is counted')
    .option('--vcpu-quota <us>', 'of each vCPU; negative for none')
    .action(
      context.run(
        async (
          guest: string,
          flags: GuestOptions & Partial<Record<'cpuShares' | 'vcpuPeriod' | 'vcpuQuota', string>>,
        ) => {
          await tune(guest, flags, {
            cpu: {
              ...(flags.cpuShares !== undefined && { shares: context.whole(flags.cpuShares) }),
              ...(flags.vcpuPeriod !== undefined && { periodUs: context.whole(flags.vcpuPeriod) }),
              ...(flags.vcpuQuota !== undefined && { quotaUs: context.whole(flags.vcpuQuota) }),
            },
          });
        },
      ),
    );
}

function act(context: ClientContext, guest: string, options: GuestOptions, body: object): Promise<GuestView> {
  return context.client().send('POST', guestPath(context, guest, options, '/actions'), body);
}

function show(context: ClientContext, guest: string, options: GuestOptions): Promise<GuestView> {
  return context.client().get(guestPath(context, guest, options));
}

/** The path of a guest's route. */
export function guestPath(context: ClientContext, guest: string, { host }: GuestOptions, below = ''): string {
  return context.path(`/guests/${encodeURIComponent(guest)}${below}`, { host });
}

/** The text of a file that an argument names. Throws OPERATION_FAILED. */
export function readXmlFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new VirtsnmpError('OPERATION_FAILED', `${file} cannot be read: ${errorText(thrown)}`);
  }
}
