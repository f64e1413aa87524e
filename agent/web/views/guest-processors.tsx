import type { Details, Vcpu } from '../api/types.ts';
import { kib, kibOf, percent, ranges } from '../ui/format.ts';
import { Meter } from '../ui/meter.tsx';
import { type Column, Table } from '../ui/table.tsx';
import type { Rate } from './rates.ts';

const NS = 1e-9;

/** A guest's vCPUs: shares of their time, as of the last two looks. */
export function Vcpus({ now, rate }: { readonly now: Details; readonly rate: Rate }) {
  const share = (vcpu: number, name: 'timeNs' | 'stealNs' | 'blockedNs') => {
    const ns = rate.of(({ vcpus }) => vcpus[vcpu]?.[name]);
    return ns === null ? null : ns * NS;
  };
  const columns: readonly Column<Vcpu>[] = [
    { head: 'vCPU', numeric: true, cell: ({ vcpu }) => vcpu },
    { head: 'State', cell: ({ online }) => (online ? 'online' : 'unplugged') },
    {
      head: 'Used',
      numeric: true,
      cell: ({ vcpu }) => (
        <Meter label={`vCPU ${vcpu} used`} share={share(vcpu, 'timeNs')} more={share(vcpu, 'stealNs')} />
      ),
    },
    { head: 'Steal', numeric: true, cell: ({ vcpu }) => percent(share(vcpu, 'stealNs')) },
    { head: 'Idle', numeric: true, from: 'medium', cell: ({ vcpu }) => percent(share(vcpu, 'blockedNs')) },
    { head: 'CPU time', numeric: true, cell: ({ timeNs }) => `${(timeNs * NS).toFixed(1)} s` },
    { head: 'Guest cell', numeric: true, from: 'medium', cell: ({ cell }) => cell ?? '–' },
    { head: 'Pinned to', from: 'medium', cell: ({ affinity }) => ranges(affinity) || 'all processors' },
  ];
  return (
    <section aria-labelledby="vcpus-heading">
      <h2 id="vcpus-heading">vCPUs</h2>
      <Table caption="vCPUs" columns={columns} rows={now.vcpus} keyOf={({ vcpu }) => vcpu} empty="" />
    </section>
  );
}

/** A guest's memory: how its kernel uses it, what the balloon does, and on which nodes of the host it lies. */
export function Placement({ now: { memory, numa } }: { readonly now: Details }) {
  const total = numa.nodesKiB.reduce((sum, one) => sum + one, 0);
  return (
    <section aria-labelledby="memory-heading">
      <h2 id="memory-heading">Memory and NUMA placement</h2>
      <div class="placement">
        {memory && (
          <dl class="figures">
            <Figure name="Balloon leaves" value={kibOf(memory.currentKiB, memory.maximumKiB)} />
            <Figure name="Balloon target" value={kib(memory.targetKiB)} />
            <Figure name="Programs" value={kib(memory.programsKiB)} />
            <Figure name="Kernel" value={kib(memory.kernelKiB)} />
            <Figure name="File cache" value={kib(memory.cacheKiB)} />
            <Figure name="Free" value={kib(memory.freeKiB)} />
            <Figure name="In its swap" value={kib(memory.swappedKiB)} />
            <Figure name="Resident on the host" value={kib(memory.residentKiB)} />
          </dl>
        )}
        <div>
          <dl class="figures">
            <Figure
              name="Policy"
              value={numa.mode === 'none' ? 'that of the kernel' : `${numa.mode} ${ranges(numa.nodeset)}`}
            />
            <Figure name="Slowdown by remote memory" value={`${numa.slowdown.toFixed(2)} ×`} />
          </dl>
          <ul class="nodes" aria-label="Memory on the nodes of the host">
            {numa.nodesKiB.map((size, node) => (
              <li key={node}>
                <span>Node {node}</span>
                <Meter
                  label={`Share of its memory on node ${node}`}
                  share={total === 0 ? 0 : size / total}
                  text={kib(size)}
                />
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
}

/** A figure with its name. */
export function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
