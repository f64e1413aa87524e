import {
  type ContainerCounter,
  type ContainerGauge,
  readContainer,
  readContainerGauge,
  readMemoryCurrent,
  readSystemTime,
} from '../../emulation/container/container-read.ts';
import { containerNamespaces, NAMESPACES } from '../../emulation/container/namespaces.ts';
import type { Domain, Instant } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { Machine } from '../../emulation/machine/machine.ts';
import type { RunningContainer } from '../../emulation/process/emulator-process.ts';
import { DOMAIN_STATE } from '../../emulation/states.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import type { RowSet, SetTest, TableBinding } from '../../mib/module.ts';
import { GuestRows, oneForEach } from '../guest-rows.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { truth } from './convert.ts';
import { NO_ROW, refused, testChange } from './set.ts';

const KIB = 1024;
const NO_LIMIT = 0xffff_ffff;
/** What cgroups of version 1 do not have. */
const SECOND_ONLY = ['lvsCtMemHigh', 'lvsCtPidsMax'];

/** An active container. */
interface ContainerRow {
  readonly domain: Domain;
  readonly time: Instant;
  readonly machine: Machine;
  readonly container: RunningContainer;
}

function containerOf(domain: Domain): ContainerRow | undefined {
  const { process, time } = domain;
  return process?.container && { domain, time, machine: process.machine, container: process.container };
}

function isSecond({ container }: ContainerRow): boolean {
  return container.plan.profile === 'modern';
}

const CONTAINERS = oneForEach(containerOf);

/** lvsCtTable: the control groups of active containers. */
export function containerTable(host: Host, transaction: SetTransaction): TableBinding<ContainerRow> {
  const counter =
    (name: ContainerCounter) =>
    ({ machine, container, time }: ContainerRow) =>
      readContainer(machine, container.place, name, time.nowMs);
  const gauge =
    (name: ContainerGauge, unit: number) =>
    ({ machine, container }: ContainerRow) =>
      Math.floor(readContainerGauge(machine, container.place, name) / unit);
  const limit =
    (read: (limits: RunningContainer['plan']['limits']) => number, unit = KIB) =>
    ({ container }: ContainerRow) => {
      const value = read(container.plan.limits);
      return Number.isFinite(value) ? Math.floor(value / unit) : NO_LIMIT;
    };
  const ifSecond = (read: (row: ContainerRow) => number) => (row: ContainerRow) =>
    isSecond(row) ? read(row) : undefined;
  const rows = new GuestRows(host.domains, CONTAINERS);
  const ofSecond = rows.where(isSecond);
  const onQuota = rows.where(({ container }) => container.plan.periodMs !== 0);
  return {
    rows,
    columnRows: {
      lvsCtPeriods: onQuota,
      lvsCtThrottledPeriods: onQuota,
      lvsCtThrottledTime: onQuota,
      lvsCtLowEvents: ofSecond,
      lvsCtHighEvents: ofSecond,
      lvsCtPidsMaxEvents: ofSecond,
    },
    columns: {
      lvsCtCgroupVersion: (row) => (isSecond(row) ? 2 : 1),
      lvsCtUserTime: counter('cpu.user'),
      lvsCtSystemTime: ({ machine, container, time }) => readSystemTime(machine, container.place, time.nowMs),
      lvsCtPeriods: counter('cpu.nr_periods'),
      lvsCtThrottledPeriods: counter('cpu.nr_throttled'),
      lvsCtThrottledTime: counter('cpu.throttled'),
      lvsCtMemCurrent: ({ machine, container }) =>
        Math.floor(readMemoryCurrent(machine, container.place, container.plan) / KIB),
      lvsCtMemPeak: gauge('memory.peak', KIB),
      lvsCtMemAnon: gauge('memory.anon', KIB),
      lvsCtMemFile: gauge('memory.file', KIB),
      lvsCtSwapCurrent: gauge('memory.swap.current', KIB),
      lvsCtMemLow: limit(({ memory }) => memory.low),
      lvsCtMemHigh: ifSecond(limit(({ memory }) => memory.high)),
      lvsCtMemMax: limit(({ memory }) => memory.max),
      lvsCtSwapMax: limit(({ memory }) => memory.swapMax),
      lvsCtLowEvents: counter('memory.low'),
      lvsCtHighEvents: counter('memory.high'),
      lvsCtMaxEvents: counter('memory.max'),
      lvsCtOomEvents: counter('memory.oom'),
      lvsCtOomKills: counter('memory.oom_kill'),
      lvsCtReclaimed: counter('memory.pgsteal'),
      lvsCtSwapIns: counter('memory.pswpin'),
      lvsCtSwapOuts: counter('memory.pswpout'),
      lvsCtPids: gauge('pids.current', 1),
      lvsCtPidsMax: ifSecond(limit(({ pidsMax }) => pidsMax, 1)),
      lvsCtPidsMaxEvents: counter('pids.max'),
      lvsCtFrozen: ({ domain }) => truth(domain.state === DOMAIN_STATE.PAUSED),
    },
    testSet: (request) => testSet(transaction, request),
  };
}

function testSet(transaction: SetTransaction, { row, values }: RowSet<ContainerRow>): SetTest {
  if (!row) return NO_ROW;
  // Those columns do not exist for this row, and cannot be made (RFC 3416 section 4.2.5).
  const missing = SECOND_ONLY.find((column) => values.has(column) && !isSecond(row));
  if (missing) return refused(ERROR_STATUS.noCreation, missing);
  const bytes = (column: string) => {
    const value = values.get(column) as number;
    return value === NO_LIMIT ? Number.POSITIVE_INFINITY : value * KIB;
  };
  const memory = {
    ...(values.has('lvsCtMemHigh') ? { high: bytes('lvsCtMemHigh') } : {}),
    ...(values.has('lvsCtMemMax') ? { max: bytes('lvsCtMemMax') } : {}),
    ...(values.has('lvsCtSwapMax') ? { swapMax: bytes('lvsCtSwapMax') } : {}),
  };
  const pids = values.get('lvsCtPidsMax') as number | undefined;
  const pidsMax = pids === NO_LIMIT ? Number.POSITIVE_INFINITY : pids;
  const container = { memory, ...(pidsMax === undefined ? {} : { pidsMax }) };
  return testChange(transaction, { op: 'tune', domain: row.domain, container }, [...values.keys()][0]!);
}

/** A namespace that a container has, of its own or its host's. */
interface NamespaceRow {
  /** Its index. */
  readonly kind: number;
  readonly own: boolean;
}

/** lvsNsTable: the namespaces of active containers, those that their kernel has. */
export function namespaceTable(host: Host): TableBinding<NamespaceRow> {
  const rows = ({ config }: Domain): NamespaceRow[] => {
    const { privnet = false, idmap = false } = config.container ?? {};
    const has = { interfaces: config.nics.length, privnet, idmap };
    return Array.from(containerNamespaces(host.config.profile, has), ([name, whose]) => ({
      kind: NAMESPACES.indexOf(name) + 1,
      own: whose === 'own',
    }));
  };
  return {
    rows: new GuestRows(host.domains, {
      width: 1,
      count: (domain) => (containerOf(domain) ? rows(domain).length : 0),
      rows,
      index: ({ kind }) => [kind],
    }),
    columns: { lvsNsOwn: ({ own }) => truth(own) },
  };
}
