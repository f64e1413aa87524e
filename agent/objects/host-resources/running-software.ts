import type { Writer } from '../../ber/writer.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { ProcessOrder } from '../../emulation/domain/process-order.ts';
import type { Host } from '../../emulation/host/host.ts';
import { argumentsOf, programOf } from '../../emulation/platform/command-line.ts';
import {
  daemonMemoryKiB,
  type HostDaemon,
  hostDaemons,
  numberFrom,
  pidOf,
  processMemoryKiB,
  processTimeNs,
} from '../../emulation/platform/host-processes.ts';
import type { HostSoftware } from '../../emulation/platform/software.ts';
import { DOMAIN_STATE } from '../../emulation/states.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { HOST_RESOURCES_MIB } from '../../mib/generated/host-resources-mib.ts';
import type { BoundModule, RowSet, SetTest } from '../../mib/module.ts';
import type { Rows } from '../../mib/rows.ts';
import { cut } from '../libvirt-stats/convert.ts';
import { NO_ROW, refused, testChange } from '../libvirt-stats/set.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { NO_PRODUCT } from './convert.ts';

const { columns } = HOST_RESOURCES_MIB.tables.hrSWRunTable;
const { enums: TYPE } = columns.hrSWRunType.syntax;
const { enums: STATUS } = columns.hrSWRunStatus.syntax;
const MOST_PARAMETERS = 128;
const NS_PER_CENTISECOND = 10_000_000;
const GREATEST = 2 ** 31;

/** One process: of the host itself, or of an active domain. */
type RunningProgram = HostDaemon | Domain;

/** The processes of a host by their identifiers: its own, which come with the boot, then those of its guests. */
export class ProcessRows implements Rows<RunningProgram> {
  readonly #host: Host;
  readonly #guests: ProcessOrder;
  #software: HostSoftware | undefined;
  #daemons: readonly HostDaemon[] = [];

  constructor(host: Host, guests: ProcessOrder) {
    this.#host = host;
    this.#guests = guests;
  }

  get size(): number {
    return this.#own.length + this.#guests.size;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (to - from !== 1) return -1;
    const place = this.#placeOf(ids[from]!);
    return place < this.size && this.#pid(place) === ids[from] ? place : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const place = from === to ? 0 : this.#placeOf(ids[from]! + 1);
    return place < this.size ? place : -1;
  }

  first(): number {
    return this.size > 0 ? 0 : -1;
  }

  next(position: number): number {
    return position + 1 < this.size ? position + 1 : -1;
  }

  row(position: number): RunningProgram {
    const own = this.#own;
    return position < own.length ? own[position]! : this.#guests.at(position - own.length);
  }

  appendIndex(position: number, writer: Writer): void {
    writer.appendSubid(this.#pid(position));
  }

  get #own(): readonly HostDaemon[] {
    if (this.#software !== this.#host.software) {
      this.#software = this.#host.software;
      this.#daemons = hostDaemons(this.#host);
    }
    return this.#daemons;
  }

  #pid(place: number): number {
    const own = this.#own;
    return place < own.length ? own[place]!.pid : pidOf(this.#guests.numberAt(place - own.length));
  }

  /** The first place whose identifier is not below `pid`. */
  #placeOf(pid: number): number {
    const own = this.#own;
    for (let place = 0; place < own.length; place++) if (own[place]!.pid >= pid) return place;
    return own.length + this.#guests.placeOf(numberFrom(pid));
  }
}

/** hrSWRunTable and hrSWRunPerfTable. */
export function runningSoftware(
  host: Host,
  rows: ProcessRows,
  transaction: SetTransaction,
  nowMs: () => number,
): BoundModule['tables'] {
  const programFile = (program: RunningProgram) => (isDomain(program) ? programOf(program) : program.program);
  return {
    hrSWRunTable: {
      rows,
      columns: {
        hrSWRunIndex: pid,
        hrSWRunName: (program: RunningProgram) => programFile(program).name,
        hrSWRunID: () => NO_PRODUCT,
        hrSWRunPath: (program: RunningProgram) => programFile(program).path,
        hrSWRunParameters: (program: RunningProgram) =>
          cut(isDomain(program) ? argumentsOf(program) : program.arguments, MOST_PARAMETERS),
        hrSWRunType: (program: RunningProgram) =>
          pid(program) === 1 ? TYPE.operatingSystem : TYPE.application,
        hrSWRunStatus: status,
      },
      testSet: (request: RowSet<RunningProgram>) => testSet(transaction, request),
    },
    hrSWRunPerfTable: {
      rows,
      columns: {
        // The host's own processes cost its processors nothing: all their busy time is the guests'.
        hrSWRunPerfCPU: (program: RunningProgram) =>
          isDomain(program)
            ? Math.floor(processTimeNs(program.hostProcess!, nowMs()) / NS_PER_CENTISECOND) % GREATEST
            : 0,
        hrSWRunPerfMem: (program: RunningProgram) =>
          isDomain(program) ? processMemoryKiB(program.hostProcess!) : daemonMemoryKiB(host, program),
      },
    },
  };
}

function isDomain(program: RunningProgram): program is Domain {
  return 'uuid' in program;
}

function pid(program: RunningProgram): number {
  return isDomain(program) ? pidOf(program.hostProcess!.number) : program.pid;
}

/** A process that sleeps is runnable(2), as Net-SNMP has it; one that the freezer holds waits for nothing else. */
function status(program: RunningProgram): number {
  if (!isDomain(program)) return STATUS.runnable;
  const { state, hostProcess } = program;
  if (state === DOMAIN_STATE.RUNNING) return STATUS.running;
  const isFrozen = state === DOMAIN_STATE.PAUSED && hostProcess!.container !== undefined;
  return isFrozen ? STATUS.notRunnable : STATUS.runnable;
}

/** invalid(4) ends the process of a guest as a signal would (RFC 2790); the host's own are not ended. */
function testSet(transaction: SetTransaction, { row, values }: RowSet<RunningProgram>): SetTest {
  if (!row) return NO_ROW;
  const wanted = values.get('hrSWRunStatus');
  if (wanted !== STATUS.invalid || !isDomain(row))
    return refused(ERROR_STATUS.inconsistentValue, 'hrSWRunStatus');
  return testChange(transaction, { op: 'act', domain: row, action: 'kill' }, 'hrSWRunStatus');
}
