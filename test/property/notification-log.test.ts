import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ROW_STATUS, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';
import type { Rows } from '../../agent/mib/rows.ts';
import type { Notification } from '../../agent/notify/notification.ts';
import { logIndex } from '../../agent/notify/notification-log/log-entry.ts';
import { LogJournal } from '../../agent/notify/notification-log/log-journal.ts';
import { encodeLogged, VALUE_TYPES } from '../../agent/notify/notification-log/logged-notification.ts';
import { LogRows, VariableRows } from '../../agent/objects/notification-log/log-rows.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { compareOids, type Oid } from '../../agent/util/oid.ts';
import {
  FILTERS,
  LogLaboratory,
  notification,
  notificationOf,
  VARIABLES,
} from '../support/notification-log.ts';
import { runs } from '../support/runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { writtenIndex } from '../support/written-index.ts';

const MINUTE_MS = 60_000;
const NAMES = ['a', 'b', 'zz'];

interface ModelEntry {
  readonly index: number;
  readonly notification: Notification;
  readonly upTimeCentiseconds: number;
  readonly dateMs: number;
  readonly agedFromMs: number;
  readonly octets: number;
}

interface ModelLog {
  readonly name: string;
  filter: string;
  limit: number;
  enabled: boolean;
  volatile: boolean;
  trusted: boolean;
  next: number;
  entries: ModelEntry[];
  logged: number;
  bumped: number;
  /** What age and removal took. */
  gone: number;
  recovered: number;
}

const room = { entries: 12, octets: 3800 };

/** The same logs, told in the plainest way. */
class Model {
  nowMs: number;
  entryLimit = 0;
  ageOut = 0;
  logs: ModelLog[] = [modelLog('', 'all')];
  /** All entries, oldest first. */
  order: ModelEntry[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  add(one: Notification): void {
    this.expire();
    for (const log of this.logs) {
      if (!log.enabled || !log.trusted || !FILTERS[log.filter]?.passes(one)) continue;
      const octets = 2 + log.name.length + 24 + encodeLogged(one).length + 256;
      while (log.limit > 0 && log.entries.length >= log.limit) this.bump(log);
      const fits = () =>
        this.order.length < room.entries &&
        (this.entryLimit === 0 || this.order.length < this.entryLimit) &&
        this.octets + octets <= room.octets;
      while (this.order.length > 0 && !fits()) this.bumpOldest();
      const { upTimeCentiseconds } = one;
      const times = { upTimeCentiseconds, dateMs: this.nowMs, agedFromMs: this.nowMs };
      const entry: ModelEntry = { index: ++log.next, notification: one, ...times, octets };
      log.entries.push(entry);
      this.order.push(entry);
      log.logged++;
    }
  }

  settle(): void {
    this.logs.sort((x, y) => x.name.length - y.name.length || (x.name < y.name ? -1 : 1));
    this.expire();
    for (const log of this.logs) while (log.limit > 0 && log.entries.length > log.limit) this.bump(log);
    while (this.entryLimit > 0 && this.order.length > this.entryLimit) this.bumpOldest();
  }

  expire(): void {
    if (this.ageOut === 0) return;
    for (const log of this.logs) {
      while (log.entries[0] && log.entries[0].agedFromMs <= this.nowMs - this.ageOut * MINUTE_MS) {
        this.take(log);
        log.gone++;
      }
    }
  }

  remove(name: string): void {
    const log = this.logs.find((one) => one.name === name);
    while (log && log.entries.length > 0) this.take(log);
    this.logs = this.logs.filter((one) => one !== log);
  }

  restart(nowMs: number): void {
    this.nowMs = nowMs;
    for (const { name, volatile } of this.logs.slice()) if (volatile) this.remove(name);
    const again = new Map<ModelEntry, ModelEntry>();
    for (const entry of this.order) {
      const agedFromMs = Math.min(entry.dateMs, nowMs);
      again.set(entry, { ...entry, upTimeCentiseconds: 0, agedFromMs });
    }
    this.order = Array.from(again.values());
    for (const log of this.logs) {
      log.entries = log.entries.map((entry) => again.get(entry)!);
      Object.assign(log, { logged: 0, bumped: 0, gone: 0, recovered: log.entries.length });
    }
    const recovered = this.logs.map(({ entries }) => entries.length);
    this.settle();
    this.logs.forEach((log, i) => {
      Object.assign(log, { bumped: 0, gone: recovered[i]! - log.entries.length });
    });
  }

  get octets(): number {
    return this.order.reduce((sum, { octets }) => sum + octets, 0);
  }

  private bump(log: ModelLog): void {
    this.take(log);
    log.bumped++;
  }

  private bumpOldest(): void {
    this.bump(this.logs.find(({ entries }) => entries[0] === this.order[0])!);
  }

  private take(log: ModelLog): void {
    const entry = log.entries.shift()!;
    this.order.splice(this.order.indexOf(entry), 1);
  }
}

function modelLog(name: string, filter: string): ModelLog {
  const counts = { next: 0, logged: 0, bumped: 0, gone: 0, recovered: 0 };
  return { name, filter, limit: 0, enabled: true, volatile: false, trusted: true, entries: [], ...counts };
}

const name = fc.constantFrom(...NAMES);
const limit = fc.constantFrom(0, 0, 2, 5, 20);
const filter = fc.constantFrom('all', 'all', 'all', 'odd', '', 'missing');
const trusted = fc.constantFrom(true, true, true, false);
const varbinds = fc.array(fc.constantFrom(...VARIABLES), { maxLength: 4 });
const step = fc.oneof(
  { weight: 12, arbitrary: varbinds.map((list) => ({ add: list })) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 10 }).map((minutes) => ({ wait: minutes })) },
  { weight: 1, arbitrary: limit.map((entryLimit) => ({ entryLimit })) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 5, 15).map((ageOut) => ({ ageOut })) },
  {
    weight: 2,
    arbitrary: fc.record({ make: name, filter, limit, volatile: fc.boolean(), trusted }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ change: fc.oneof(fc.constant(''), name), filter, limit, enabled: fc.boolean() }),
  },
  { weight: 2, arbitrary: name.map((remove) => ({ remove })) },
  { weight: 2, arbitrary: fc.constantFrom('restart', 'crash').map((how) => ({ how })) },
);

it('holds what a plain model of it holds, over any course of notifications, limits, ages, managers and restarts', async () => {
  const folder = temporaryFolder();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 30, maxLength: 90 }),
      fc.integer({ min: -20, max: 20 }),
      async (steps, jump) => {
        let file = join(folder, `${round++}.journal`);
        const open = () => new LogJournal({ file, logger: silentLogger, slack: 200 });
        let lab = new LogLaboratory({ room, journal: open() });
        const model = new Model(lab.wallMs);
        let number = 0;
        for (const one of steps) {
          if ('add' in one) {
            const told = notification(++number, one.add);
            lab.log.add(told);
            model.add(told);
          } else if ('wait' in one) {
            lab.wallMs += one.wait * MINUTE_MS;
            model.nowMs = lab.wallMs;
          } else if ('entryLimit' in one || 'ageOut' in one) {
            lab.limit(one);
            Object.assign(model, one);
            model.settle();
          } else if ('make' in one) {
            const known = model.logs.some((log) => log.name === one.make);
            const securityName = one.trusted ? 'somebody' : 'nobody';
            const owner = { securityModel: 2, securityName, securityLevel: 1 };
            const storageType = one.volatile ? STORAGE_TYPE.volatile : STORAGE_TYPE.nonVolatile;
            const made = lab.make(one.make, {
              filterName: one.filter,
              entryLimit: one.limit,
              owner,
              storageType,
            });
            expect(made).toBe(!known);
            if (made) {
              const { limit, volatile, trusted } = one;
              model.logs.push({ ...modelLog(one.make, one.filter), limit, volatile, trusted });
            }
            model.settle();
          } else if ('change' in one) {
            const log = model.logs.find((known) => known.name === one.change);
            const { filter: filterName, limit: entryLimit, enabled } = one;
            expect(lab.change(one.change, { filterName, entryLimit, enabled })).toBe(log !== undefined);
            if (log) Object.assign(log, { filter: filterName, limit: entryLimit, enabled });
            model.settle();
          } else if ('remove' in one) {
            lab.change(one.remove, { status: ROW_STATUS.destroy });
            model.remove(one.remove);
            model.settle();
          } else {
            const wallMs = lab.wallMs + jump * MINUTE_MS;
            const { stored } = lab;
            if (one.how === 'restart') {
              await lab.log.close();
            } else {
              // What a kill -9 leaves once the turn of the event loop has ended.
              await new Promise(setImmediate);
              const left = join(folder, `${round++}.journal`);
              copyFileSync(file, left);
              await lab.log.close();
              file = left;
            }
            lab = new LogLaboratory({ room, journal: open(), stored, wallMs });
            model.restart(wallMs);
          }
          compare(lab, model);
        }
        compareRows(lab);
        await lab.log.close();
      },
    ),
    { numRuns: runs(60) },
  );
});

function compare({ log, settings }: LogLaboratory, model: Model): void {
  model.expire();
  expect(log.logs.map(({ name }) => name)).toEqual(model.logs.map(({ name }) => name));
  model.logs.forEach((wanted, i) => {
    const found = log.logs[i]!;
    const entries = Array.from({ length: found.entries.length }, (_, at) => found.entries.at(at));
    const shown = entries.map((entry) => ({
      index: logIndex(entry),
      oid: notificationOf(entry).oid.join('.'),
      variables: notificationOf(entry).varbinds.length,
      upTimeCentiseconds: entry.upTimeCentiseconds,
      dateMs: entry.dateMs,
    }));
    expect(shown).toEqual(
      wanted.entries.map(({ index, notification: { oid, varbinds }, upTimeCentiseconds, dateMs }) => ({
        index,
        oid: oid.join('.'),
        variables: varbinds.length,
        upTimeCentiseconds,
        dateMs,
      })),
    );
    expect([found.logged, found.bumped]).toEqual([wanted.logged, wanted.bumped]);
    // Nothing comes from nowhere, and nothing goes unaccounted.
    expect(wanted.recovered + found.logged - found.bumped - wanted.gone).toBe(found.entries.length);
    if (found.row.entryLimit > 0) expect(found.entries.length).toBeLessThanOrEqual(found.row.entryLimit);
  });
  expect(log.size).toBeLessThanOrEqual(room.entries);
  if (settings.limits.entryLimit > 0) expect(log.size).toBeLessThanOrEqual(settings.limits.entryLimit);
  expect(model.octets).toBeLessThanOrEqual(room.octets);
}

/** The rows of the tables, by searching and by stepping, against all their indexes written out and sorted. */
function compareRows({ log }: LogLaboratory): void {
  const indexes: Oid[] = [];
  const variables: { index: Oid; type: number }[] = [];
  for (const { index, entries } of log.logs) {
    for (const entry of entries) {
      indexes.push([...index, logIndex(entry)]);
      notificationOf(entry).varbinds.forEach(({ tag }, i) => {
        variables.push({ index: [...index, logIndex(entry), i + 1], type: VALUE_TYPES.get(tag)! });
      });
    }
  }
  expectRows(new LogRows(log), indexes);
  for (let type = 0; type <= 9; type++) {
    const wanted = variables.filter((variable) => type === 0 || variable.type === type);
    expectRows(
      new VariableRows(log, type),
      wanted.map(({ index }) => index),
    );
  }
}

function expectRows(rows: Rows<unknown>, unsorted: readonly Oid[]): void {
  const wanted = unsorted.toSorted(compareOids);
  const stepped: number[][] = [];
  for (let at = rows.first(); at >= 0; at = rows.next(at)) stepped.push(writtenIndex(rows, at));
  expect(stepped).toEqual(wanted);
  // Each index, what lies just before and behind it, its beginnings, and what is longer.
  const probes = wanted.flatMap((index) => [
    index,
    [...index, 0],
    [...index.slice(0, -1), index.at(-1)! - 1],
    [...index.slice(0, -1), index.at(-1)! + 1],
    ...index.map((_, length) => index.slice(0, length)),
  ]);
  for (const probe of [...probes, [], [0], [0, 0], [1, 97], [1, 0xffff_ffff, 1], [2], [0xffff_ffff]]) {
    const next = wanted.find((index) => compareOids(index, probe) > 0);
    // In the midst of a longer array, as in a request.
    const after = rows.after([7, ...probe, 8], 1, 1 + probe.length);
    expect(after < 0 ? undefined : writtenIndex(rows, after)).toEqual(next);
    const found = rows.find([7, ...probe, 8], 1, 1 + probe.length);
    const there = wanted.some((index) => compareOids(index, probe) === 0);
    expect(found < 0 ? undefined : writtenIndex(rows, found)).toEqual(there ? probe : undefined);
  }
}
