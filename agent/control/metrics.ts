import type { Domain } from '../emulation/domain/domain.ts';
import type { Host } from '../emulation/host/host.ts';
import { type DomainStats, domainStats } from './domain-stats.ts';
import { labelText, type MetricsText, type MetricType } from './prometheus-text.ts';

const NS = 1e-9;
const KIB = 1024;

/** A statistic of libvirt as its exporters name it: the name below `libvirt_domain_`, and the factor to its unit. */
type Row = readonly [statistic: string, name: string, type: MetricType, factor: number, help: string];

const DOMAIN: readonly Row[] = [
  ['cpu.time', 'info_cpu_time_seconds_total', 'counter', NS, 'CPU time of the emulator and its guest'],
  ['balloon.maximum', 'info_maximum_memory_bytes', 'gauge', KIB, 'Memory that it may have'],
  ['balloon.current', 'info_memory_usage_bytes', 'gauge', KIB, 'Memory that it has'],
  ['vcpu.current', 'info_virtual_cpus', 'gauge', 1, 'vCPUs that are plugged in'],
  ['state.state', 'info_vstate', 'gauge', 1, 'virDomainState'],
  ['vcpu.current', 'vcpu_current', 'gauge', 1, 'vCPUs that are plugged in'],
  ['vcpu.maximum', 'vcpu_maximum', 'gauge', 1, 'vCPUs that it may have'],
  ['balloon.current', 'memory_stats_actual_balloon_bytes', 'gauge', KIB, 'Memory that the balloon leaves'],
  ['balloon.rss', 'memory_stats_rss_bytes', 'gauge', KIB, 'Memory of the emulator that is resident'],
  ['balloon.unused', 'memory_stats_unused_bytes', 'gauge', KIB, 'Memory that the guest does not use'],
  ['balloon.available', 'memory_stats_available_bytes', 'gauge', KIB, 'Memory that the guest sees'],
  ['balloon.usable', 'memory_stats_usable_bytes', 'gauge', KIB, 'Memory that programs could get'],
  ['balloon.disk_caches', 'memory_stats_disk_cache_bytes', 'gauge', KIB, 'Memory that caches files'],
  ['balloon.swap_in', 'memory_stats_swap_in_bytes', 'counter', KIB, 'Read back from swap'],
  ['balloon.swap_out', 'memory_stats_swap_out_bytes', 'counter', KIB, 'Written to swap'],
  ['balloon.major_fault', 'memory_stats_major_fault_total', 'counter', 1, 'Page faults that needed the disk'],
  ['balloon.minor_fault', 'memory_stats_minor_fault_total', 'counter', 1, 'Page faults that did not'],
];

const VCPU: readonly Row[] = [
  ['state', 'vcpu_state', 'gauge', 1, 'virVcpuState: 0 offline, 1 running, 2 blocked'],
  ['time', 'vcpu_time_seconds_total', 'counter', NS, 'Time that the vCPU ran'],
  ['wait', 'vcpu_wait_seconds_total', 'counter', NS, 'Time that it waited for I/O'],
  ['delay', 'vcpu_delay_seconds_total', 'counter', NS, 'Time that it waited for a processor: steal'],
];

const NET: readonly Row[] = [
  ['rx.bytes', 'interface_stats_receive_bytes_total', 'counter', 1, 'Octets received'],
  ['rx.pkts', 'interface_stats_receive_packets_total', 'counter', 1, 'Packets received'],
  ['rx.errs', 'interface_stats_receive_errors_total', 'counter', 1, 'Packets received with errors'],
  ['rx.drop', 'interface_stats_receive_drops_total', 'counter', 1, 'Packets dropped on the way in'],
  ['tx.bytes', 'interface_stats_transmit_bytes_total', 'counter', 1, 'Octets transmitted'],
  ['tx.pkts', 'interface_stats_transmit_packets_total', 'counter', 1, 'Packets transmitted'],
  ['tx.errs', 'interface_stats_transmit_errors_total', 'counter', 1, 'Packets with errors on the way out'],
  ['tx.drop', 'interface_stats_transmit_drops_total', 'counter', 1, 'Packets dropped on the way out'],
];

const BLOCK: readonly Row[] = [
  ['rd.bytes', 'block_stats_read_bytes_total', 'counter', 1, 'Octets read'],
  ['rd.reqs', 'block_stats_read_requests_total', 'counter', 1, 'Read requests'],
  ['rd.times', 'block_stats_read_time_seconds_total', 'counter', NS, 'Time that reads took'],
  ['wr.bytes', 'block_stats_write_bytes_total', 'counter', 1, 'Octets written'],
  ['wr.reqs', 'block_stats_write_requests_total', 'counter', 1, 'Write requests'],
  ['wr.times', 'block_stats_write_time_seconds_total', 'counter', NS, 'Time that writes took'],
  ['fl.reqs', 'block_stats_flush_requests_total', 'counter', 1, 'Flush requests'],
  ['fl.times', 'block_stats_flush_time_seconds_total', 'counter', NS, 'Time that flushes took'],
  ['allocation', 'block_stats_allocation', 'gauge', 1, 'Offset of the highest written octet'],
  ['capacity', 'block_stats_capacity_bytes', 'gauge', 1, 'Size that the guest sees'],
  ['physical', 'block_stats_physicalsize_bytes', 'gauge', 1, 'What the image takes'],
];

/** Statistics that come several times for a domain: their group, its rows, and the label that tells them apart. */
const GROUPS = [
  ['vcpu', VCPU, 'vcpu', (_stats: DomainStats, n: number) => String(n)],
  ['net', NET, 'target_device', (stats: DomainStats, n: number) => String(stats[`net.${n}.name`])],
  ['block', BLOCK, 'target_device', (stats: DomainStats, n: number) => String(stats[`block.${n}.name`])],
] as const;

/** What the exporters of libvirt tell of a domain, by the names of the one that most dashboards are made for. */
export function addDomain(text: MetricsText, domain: Domain, epochMs: number): void {
  const stats = domainStats(domain, epochMs);
  const base = { domain: domain.name, uuid: domain.uuid, host: domain.host.name };
  const labels = labelText(base);
  for (const row of DOMAIN) addRow(text, row, labels, stats[row[0]]);
  const counts = {
    vcpu: domain.config.maxVcpus,
    net: Number(stats['net.count'] ?? 0),
    block: Number(stats['block.count'] ?? 0),
  };
  for (const [group, rows, label, value] of GROUPS) {
    for (let n = 0; n < counts[group]; n++) {
      const known = rows.some(([statistic]) => stats[`${group}.${n}.${statistic}`] !== undefined);
      if (!known) continue;
      const own = labelText({ ...base, [label]: value(stats, n) });
      for (const row of rows) addRow(text, row, own, stats[`${group}.${n}.${row[0]}`]);
    }
  }
}

/** What they tell of a host: that it answers, its domains and its storage pools. */
export function addHost(text: MetricsText, host: Host, nowMs: number): void {
  const labels = labelText({ host: host.name });
  text.add('libvirt_up', 'gauge', 'Whether libvirt answers', labels, host.state === 'up' ? 1 : 0);
  text.add('libvirt_domains', 'gauge', 'Domains that it knows', labels, host.domains.size);
  host.config.pools.forEach(({ name }, pool) => {
    const space = host.storage.pools.read(pool, nowMs);
    const own = labelText({ pool: name, host: host.name });
    const add = (key: keyof typeof space, help: string) =>
      text.add(`libvirt_pool_info_${key}_bytes`, 'gauge', help, own, space[key]);
    add('capacity', 'Size of the storage pool');
    add('allocation', 'What of it is taken');
    add('available', 'What of it is left');
  });
}

function addRow(
  text: MetricsText,
  [, name, type, factor, help]: Row,
  labels: string,
  value: DomainStats[string] | undefined,
): void {
  if (typeof value !== 'number') return;
  text.add(`libvirt_domain_${name}`, type, help, labels, factor === NS ? value / 1e9 : value * factor);
}
