import type { Command } from 'commander';
import type { NumatuneView, VcpuView } from '../../control/routes/placement.ts';
import { bitmapText } from '../../emulation/domain/bitmap-text.ts';
import { filledNumberSet } from '../../emulation/inventory/xml/values.ts';
import { NUMA_MODES } from '../../emulation/numa/numa-config.ts';
import { type AffectsOptions, affectsOf, withAffects } from './affects-options.ts';
import type { ClientContext } from './context.ts';
import type { GuestOptions } from './guest-commands.ts';
import { fieldLines, tableLines } from './table.ts';

type Options = GuestOptions & AffectsOptions;

/** virsh takes the modes as numbers too (virDomainNumatuneMemMode). */
const MODES_BY_NUMBER = ['strict', 'preferred', 'interleave', 'restrictive'];

/** Adds the commands about where the memory and the vCPUs of a guest may be. */
export function addPlacementCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  const command = (name: string, about: string) => withAffects(context.guestCommand(program, name, about));
  const shown = (flags: Options) => ({
    inactive: affectsOf(context, flags) === 'config' ? 'true' : undefined,
  });
  const path = (
    guest: string,
    { host }: GuestOptions,
    below: string,
    query: Record<string, string | undefined>,
  ) => context.path(`/guests/${encodeURIComponent(guest)}/${below}`, { host, ...query });
  command('numatune', 'show or change the NUMA nodes that the memory of a guest comes from')
    .option('--mode <mode>', MODES_BY_NUMBER.join(', '))
    .option('--nodeset <nodes>', 'such as 0-1')
    .action(
      context.run(async (guest: string, flags: Options & { mode?: string; nodeset?: string }) => {
        if (flags.mode === undefined && flags.nodeset === undefined) {
          const view = await client().get<NumatuneView>(path(guest, flags, 'numatune', shown(flags)));
          context.show(view, [
            `${'numa_mode'.padEnd(15)}: ${view.mode}`,
            `${'numa_nodeset'.padEnd(15)}: ${bitmapText(view.nodeset)}`,
            '',
          ]);
          return;
        }
        const body = {
          ...(flags.mode !== undefined && { mode: modeOf(context, flags.mode) }),
          ...(flags.nodeset !== undefined && { nodeset: numbers(context, flags.nodeset) }),
        };
        await client().send(
          'PATCH',
          path(guest, flags, 'numatune', { affects: affectsOf(context, flags) }),
          body,
        );
      }),
    );
  context
    .guestCommand(program, 'vcpuinfo', 'the vCPUs of a guest')
    .option('--pretty', 'the affinity as a list')
    .action(
      context.run(async (guest: string, flags: GuestOptions & { pretty?: boolean }) => {
        const vcpus = await client().get<VcpuView[]>(path(guest, flags, 'vcpus', {}));
        context.show(
          vcpus,
          vcpus.flatMap((vcpu) => [...vcpuLines(vcpu, flags.pretty ?? false), '']),
        );
      }),
    );
  command('vcpupin', 'show or change the pCPUs that a vCPU may run on')
    .argument('[vcpu]', 'its number')
    .argument('[cpulist]', 'such as 0-3,^2, or r for all')
    .option('--vcpu <number>', 'of one vCPU')
    .option('--cpulist <cpus>', 'such as 0-3,^1')
    .action(
      context.run(
        async (
          guest: string,
          vcpu: string | undefined,
          cpulist: string | undefined,
          flags: Options & { vcpu?: string; cpulist?: string },
        ) => {
          const number = vcpu ?? flags.vcpu;
          const list = cpulist ?? flags.cpulist;
          if (list !== undefined && number === undefined) throw context.usage('--cpulist needs --vcpu');
          const all = await client().get<VcpuView[]>(path(guest, flags, 'vcpus', shown(flags)));
          const n = number === undefined ? undefined : context.whole(number);
          if (list === undefined) {
            const wanted = all.filter((each) => n === undefined || each.vcpu === n);
            if (wanted.length === 0)
              throw context.usage(`there is no vCPU ${n}; the guest has 0 to ${all.length - 1}`);
            const rows = wanted.map((each) => [String(each.vcpu), bitmapText(each.affinity)]);
            context.show(wanted, [...tableLines(['VCPU', 'CPU Affinity'], rows), '']);
            return;
          }
          const { pcpus } = all[0]!;
          const cpus = list === 'r' ? Array.from({ length: pcpus }, (_, cpu) => cpu) : numbers(context, list);
          const affects = affectsOf(context, flags);
          await client().send('PUT', path(guest, flags, `vcpus/${n}/affinity`, { affects }), { cpus });
        },
      ),
    );
}

function modeOf(context: ClientContext, text: string): string {
  const mode = MODES_BY_NUMBER[Number(text)] ?? text;
  if (NUMA_MODES.some((each) => each === mode)) return mode;
  throw context.usage(`${text} is no mode; it must be one of ${NUMA_MODES.join(', ')}`);
}

function numbers(context: ClientContext, text: string): number[] {
  const set = filledNumberSet(text);
  if (set === undefined) throw context.usage(`${text} is no list of numbers such as 0-3,^2`);
  return set;
}

/** One vCPU as `virsh vcpuinfo` prints it: what is not known of it is N/A. */
function vcpuLines({ vcpu, cpu, state, timeNs, affinity, pcpus }: VcpuView, pretty: boolean): string[] {
  const set = new Set(affinity);
  const mask = Array.from({ length: pcpus }, (_, n) => (set.has(n) ? 'y' : '-')).join('');
  return fieldLines([
    ['VCPU', vcpu],
    ['CPU', cpu ?? 'N/A'],
    ['State', state ?? 'N/A'],
    ['CPU time', timeNs === undefined ? 'N/A' : `${(timeNs / 1e9).toFixed(1)}s`],
    ['CPU Affinity', pretty ? `${bitmapText(affinity)} (out of ${pcpus})` : mask],
  ]);
}
