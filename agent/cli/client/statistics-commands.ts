import type { Command } from 'commander';
import { nearest } from '../../config/nearest.ts';
import type { DomainStats } from '../../control/domain-stats.ts';
import type { DiskView, NicView } from '../../control/routes/hot-plug.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import type { ClientContext } from './context.ts';
import type { GuestOptions } from './guest-commands.ts';
import { tableLines } from './table.ts';

type Inactive = GuestOptions & { readonly inactive?: boolean };

/** virsh's names of a NIC's statistics, in its order, and domstats' names of them. */
const NIC_STATISTICS = [
  ['rx_bytes', 'rx.bytes'],
  ['rx_packets', 'rx.pkts'],
  ['rx_errs', 'rx.errs'],
  ['rx_drop', 'rx.drop'],
  ['tx_bytes', 'tx.bytes'],
  ['tx_packets', 'tx.pkts'],
  ['tx_errs', 'tx.errs'],
  ['tx_drop', 'tx.drop'],
] as const;

const DISK_STATISTICS = [
  ['rd_req', 'rd.reqs'],
  ['rd_bytes', 'rd.bytes'],
  ['wr_req', 'wr.reqs'],
  ['wr_bytes', 'wr.bytes'],
  ['flush_operations', 'fl.reqs'],
  ['rd_total_times', 'rd.times'],
  ['wr_total_times', 'wr.times'],
  ['flush_total_times', 'fl.times'],
] as const;

const MEMORY_STATISTICS = [
  ['actual', 'current'],
  ['swap_in', 'swap_in'],
  ['swap_out', 'swap_out'],
  ['major_fault', 'major_fault'],
  ['minor_fault', 'minor_fault'],
  ['unused', 'unused'],
  ['available', 'available'],
  ['usable', 'usable'],
  ['last_update', 'last-update'],
  ['disk_caches', 'disk_caches'],
  ['hugetlb_pgalloc', 'hugetlb_pgalloc'],
  ['hugetlb_pgfail', 'hugetlb_pgfail'],
  ['rss', 'rss'],
] as const;

/** Adds the commands that list a guest's devices and tell their statistics. */
export function addStatisticsCommands(program: Command, context: ClientContext): void {
  addLists(program, context);
  const { client } = context;
  const statsOf = (guest: string, { host }: GuestOptions, groups: string) =>
    client().get<DomainStats>(context.path(`/guests/${encodeURIComponent(guest)}/stats`, { host, groups }));
  context
    .guestCommand(program, 'domifstat', "the statistics of a guest's NIC")
    .argument('<interface>', 'its name on the host, or its address')
    .action(
      context.run(async (guest: string, name: string, options: GuestOptions) => {
        const stats = await statsOf(guest, options, 'interface');
        const nics = await client().get<NicView[]>(devicesPath(context, guest, options, 'interfaces'));
        const n = find(
          'interface',
          name,
          nics.map((nic) => nic.name ?? ''),
          nics.map(({ mac }) => mac),
        );
        print(context, `${nics[n]!.name} `, pick(stats, `net.${n}`, NIC_STATISTICS), guest);
      }),
    );
  context
    .guestCommand(program, 'domblkstat', "the statistics of a guest's disk, or of all together")
    .argument('[disk]', 'its target, such as vda')
    .action(
      context.run(async (guest: string, name: string | undefined, options: GuestOptions) => {
        const stats = await statsOf(guest, options, 'block');
        const count = Number(stats['block.count'] ?? 0);
        const all = Array.from({ length: count }, (_, n) => pick(stats, `block.${n}`, DISK_STATISTICS));
        const names = all.map((_, n) => String(stats[`block.${n}.name`]));
        if (name !== undefined && count > 0)
          return print(context, `${name} `, all[find('disk', name, names)]!, guest);
        const sums = new Map<string, number>();
        for (const [key, value] of all.flat()) sums.set(key, (sums.get(key) ?? 0) + value);
        print(context, ' ', [...sums], guest);
      }),
    );
  context.guestCommand(program, 'dommemstat', "the statistics of a guest's memory").action(
    context.run(async (guest: string, options: GuestOptions) => {
      print(context, '', pick(await statsOf(guest, options, 'balloon'), 'balloon', MEMORY_STATISTICS), guest);
    }),
  );
}

function addLists(program: Command, context: ClientContext): void {
  const { client } = context;
  context
    .guestCommand(program, 'domiflist', 'the NICs of a guest')
    .option('--inactive', 'as its next start takes them')
    .action(
      context.run(async (guest: string, options: Inactive) => {
        const nics = await client().get<NicView[]>(devicesPath(context, guest, options, 'interfaces'));
        const rows = nics.map(({ name, type, source, model, mac }) => [
          name ?? '-',
          type,
          source ?? '-',
          model ?? '-',
          mac,
        ]);
        context.show(nics, [...tableLines(['Interface', 'Type', 'Source', 'Model', 'MAC'], rows), '']);
      }),
    );
  context
    .guestCommand(program, 'domblklist', 'the disks of a guest')
    .option('--inactive', 'as its next start takes them')
    .option('--details', 'with type and device')
    .action(
      context.run(async (guest: string, options: Inactive & { details?: boolean }) => {
        const disks = await client().get<DiskView[]>(devicesPath(context, guest, options, 'disks'));
        const rows = disks.map(({ type, device, target, source }) => [
          ...(options.details ? [type, device] : []),
          target,
          source ?? '-',
        ]);
        const head = [...(options.details ? ['Type', 'Device'] : []), 'Target', 'Source'];
        context.show(disks, [...tableLines(head, rows), '']);
      }),
    );
}

function devicesPath(
  context: ClientContext,
  guest: string,
  { host, inactive }: Inactive,
  kind: string,
): string {
  const query = { host, inactive: inactive ? 'true' : undefined };
  return context.path(`/guests/${encodeURIComponent(guest)}/${kind}`, query);
}

/** The place of a device by one of its names. Throws OPERATION_FAILED with the nearest of them. */
function find(kind: string, name: string, ...names: readonly (readonly string[])[]): number {
  for (const list of names) if (list.includes(name)) return list.indexOf(name);
  const like = nearest(name, names.flat());
  const known = names[0]!.join(', ') || 'none';
  const hint = like === undefined ? `it has ${known}` : `did you mean ${like}?`;
  throw new VirtsnmpError('OPERATION_FAILED', `no ${kind} ${name}; ${hint}`);
}

function pick(
  stats: DomainStats,
  prefix: string,
  names: readonly (readonly [string, string])[],
): [string, number][] {
  return names.flatMap(([name, key]) => {
    const value = stats[`${prefix}.${key}`];
    return typeof value === 'number' ? [[name, value] as [string, number]] : [];
  });
}

/** Throws OPERATION_FAILED where there is nothing to tell, as of a guest that does not run. */
function print(
  context: ClientContext,
  before: string,
  values: readonly [string, number][],
  guest: string,
): void {
  if (values.length === 0)
    throw new VirtsnmpError(
      'OPERATION_FAILED',
      `domain ${guest} is not running: there are no such statistics`,
    );
  context.show(Object.fromEntries(values), [
    ...values.map(([name, value]) => `${before}${name} ${value}`),
    '',
  ]);
}
