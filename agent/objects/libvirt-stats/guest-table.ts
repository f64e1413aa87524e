import { guestUptimeMs } from '../../emulation/console/console.ts';
import { LIMIT_DEFAULTS } from '../../emulation/container/container-config.ts';
import { guestOffsetSeconds } from '../../emulation/devices/rtc.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { CrashAction, DomainConfig } from '../../emulation/domain/domain-config.ts';
import type { Host } from '../../emulation/host/host.ts';
import { CPUTUNE_DEFAULTS } from '../../emulation/vcpu/vcpu-config.ts';
import { readSteal } from '../../emulation/vcpu/vcpu-read.ts';
import { CREDIT_DEFAULTS } from '../../emulation/xen/credit.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import type { RowSet, SetTest, TableBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import { DomainRows } from '../domain-rows.ts';
import { GuestRows, oneForEach } from '../guest-rows.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { cut, type Readers, ticks, truth } from './convert.ts';
import { NO_ROW, refused, testChange } from './set.ts';

const REASONS_OF_STATE = 100;
/** `<on_crash>` by virDomainLifecycleAction's numbers. */
const ON_CRASH = [
  'destroy',
  'restart',
  'rename-restart',
  'preserve',
  'coredump-destroy',
  'coredump-restart',
] as const satisfies readonly CrashAction[];
const OS_TYPE = { hvm: 'hvm', xen: 'xen', linux: 'xen', exe: 'exe' } as const;
/** Weights of cgroups of version 2. */
const MOST_WEIGHT = 10_000;

/** lvsGuestTable: what LIBVIRT-MIB leaves out about a guest as a whole. */
export function guestTable(
  host: Host,
  transaction: SetTransaction,
  { upTime }: Readers,
): TableBinding<Domain> {
  const all = new GuestRows(
    host.domains,
    oneForEach((domain) => domain),
  );
  const active = all.whereGuest(({ process }) => process !== undefined);
  const machines = active.whereGuest(({ process }) => !process!.container);
  const ofXen = all.whereGuest(({ config }) => config.type === 'xen');
  return {
    rows: new DomainRows(host.domains),
    columnRows: {
      lvsGuestUpTime: active,
      lvsGuestSystemUpTime: active,
      lvsGuestCpuTime: active,
      lvsGuestMemoryFailures: active,
      lvsGuestEmulatorTime: machines,
      lvsGuestStealTime: machines,
      lvsGuestRtcOffset: machines,
      lvsGuestRtcChanges: machines,
      lvsGuestCreditWeight: ofXen,
      lvsGuestCreditCap: ofXen,
    },
    columns: {
      lvsGuestTitle: ({ config }: Domain) => cut(config.title ?? ''),
      lvsGuestType: ({ config }: Domain) => config.type,
      lvsGuestOsType: ({ config }: Domain) => osType(config),
      lvsGuestState: ({ state }: Domain) => state,
      lvsGuestReason: ({ state, reason }: Domain) => state * REASONS_OF_STATE + reason,
      lvsGuestStateSince: ({ stateSinceMs }: Domain) => upTime(stateSinceMs),
      lvsGuestPersistent: ({ isPersistent }: Domain) => truth(isPersistent),
      lvsGuestAutostart: ({ persistentConfig }: Domain) => truth(persistentConfig.autostart),
      lvsGuestUpTime: ({ nowMs, startedMs }: Domain) => ticks(nowMs - startedMs),
      lvsGuestSystemUpTime: systemUpTime,
      lvsGuestBoots: ({ boots }: Domain) => boots,
      lvsGuestVcpus: ({ vcpus }: Domain) => vcpus,
      lvsGuestMaxVcpus: ({ config }: Domain) => config.maxVcpus,
      lvsGuestCpuShares: (domain: Domain) => unlessXen(domain, () => sharesOf(domain)),
      lvsGuestCpuPeriod: (domain: Domain) =>
        unlessXen(domain, () => domain.config.cputune?.periodUs ?? CPUTUNE_DEFAULTS.periodUs),
      lvsGuestCpuQuota: (domain: Domain) =>
        unlessXen(domain, () => Math.max(-1, domain.config.cputune?.quotaUs ?? CPUTUNE_DEFAULTS.quotaUs)),
      lvsGuestCreditWeight: () => CREDIT_DEFAULTS.weight,
      lvsGuestCreditCap: () => CREDIT_DEFAULTS.cap,
      lvsGuestCpuTime: ({ cpuTimeNs }: Domain) => cpuTimeNs,
      lvsGuestEmulatorTime: ({ emulatorTimeNs }: Domain) => emulatorTimeNs,
      lvsGuestStealTime: stealTime,
      lvsGuestOnCrash: ({ config }: Domain) => ON_CRASH.indexOf(config.onCrash),
      lvsGuestRtcOffset: ({ devices, nowMs }: Domain) =>
        devices?.rtc && Math.round(guestOffsetSeconds(devices.rtc, nowMs)),
      lvsGuestRtcChanges: ({ devices }: Domain) => devices?.rtc?.changes,
      lvsGuestMemoryFailures: ({ memoryFailures }: Domain) => memoryFailures,
      lvsGuestCounterDiscontinuityTime: ({ startedMs }: Domain) => upTime(startedMs),
    },
    testSet: (request) => testSet(transaction, request),
  };
}

/** `<os><type>` as libvirt has it (virDomainGetOSType). */
export function osType(config: DomainConfig): string {
  if (config.osType) return OS_TYPE[config.osType];
  if (config.type === 'lxc') return 'exe';
  return config.type === 'xen' ? 'xen' : 'hvm';
}

function unlessXen({ config }: Domain, read: () => Value): Value | undefined {
  return config.type === 'xen' ? undefined : read();
}

function isWeight(domain: Domain): boolean {
  return domain.config.type === 'lxc' && domain.host.config.profile === 'modern';
}

function sharesOf(domain: Domain): number {
  const { profile } = domain.host.config;
  const usual = domain.config.type === 'lxc' ? LIMIT_DEFAULTS[profile].cpu.shares : CPUTUNE_DEFAULTS.shares;
  return domain.config.cputune?.shares ?? usual;
}

function systemUpTime({ devices, guestMs, isBooting }: Domain): number | undefined {
  if (!devices?.console || isBooting) return undefined;
  const ms = guestUptimeMs(devices.console, guestMs);
  return ms === undefined ? undefined : ticks(ms);
}

function stealTime({ process, nowMs }: Domain): number {
  const { machine, places } = process!;
  let sum = 0;
  for (let vcpu = 0; vcpu < places.vcpus.length; vcpu++) sum += readSteal(machine, places, vcpu, nowMs);
  return sum;
}

function testSet(transaction: SetTransaction, { row: domain, values }: RowSet<Domain>): SetTest {
  if (!domain) return NO_ROW;
  const number = (column: string) => values.get(column) as number | undefined;
  const shares = number('lvsGuestCpuShares');
  const periodUs = number('lvsGuestCpuPeriod');
  const quotaUs = number('lvsGuestCpuQuota');
  const vcpus = number('lvsGuestVcpus');
  const autostart = number('lvsGuestAutostart');
  const cpuColumn = ['lvsGuestCpuShares', 'lvsGuestCpuPeriod', 'lvsGuestCpuQuota'].find((name) =>
    values.has(name),
  );
  // Those columns do not exist for this row, and cannot be made (RFC 3416 section 4.2.5).
  if (cpuColumn && domain.config.type === 'xen') return refused(ERROR_STATUS.noCreation, cpuColumn);
  if (shares !== undefined && (isWeight(domain) ? shares > MOST_WEIGHT : shares < 2))
    return refused(ERROR_STATUS.wrongValue, 'lvsGuestCpuShares');
  const cpu = {
    ...(shares === undefined ? {} : { shares }),
    ...(periodUs === undefined ? {} : { periodUs }),
    ...(quotaUs === undefined ? {} : { quotaUs }),
  };
  const changes: readonly (readonly [string, object])[] = [
    ...(autostart === undefined ? [] : [['lvsGuestAutostart', { autostart: autostart === 1 }] as const]),
    ...(vcpus === undefined ? [] : [['lvsGuestVcpus', { vcpus }] as const]),
    ...(cpuColumn ? [[cpuColumn, { cpu }] as const] : []),
  ];
  // Each alone first, so that the column to blame is known; then all of them as one change.
  for (const [column, change] of changes) {
    const alone = testChange(transaction, { op: 'tune', domain, ...change }, column);
    if ('refused' in alone) return alone;
  }
  const all = Object.assign({}, ...changes.map(([, change]) => change)) as object;
  return testChange(transaction, { op: 'tune', domain, ...all }, changes[0]![0]);
}
