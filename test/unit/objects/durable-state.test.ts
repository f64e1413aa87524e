import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DurablePart, DurableState } from '../../../agent/objects/durable-state.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-'));
  file = join(folder, 'host.snmp.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Box implements DurablePart {
  value = 0;
  snapshot = () => ({ value: this.value });
  restore(stored: unknown): void {
    const { value } = stored as { value: unknown };
    if (typeof value !== 'number') throw new Error('value is a number');
    this.value = value;
  }
  set(value: number) {
    const before = this.value;
    return {
      commit: () => {
        this.value = value;
      },
      undo: () => {
        this.value = before;
      },
    };
  }
}

describe('the durable state of an agent', () => {
  it('is on the disk, whole and for its owner alone, when store has returned', () => {
    const state = new DurableState(file);
    const [a, b] = [new Box(), new Box()];
    state.add('a', a);
    state.add('b', b);
    const changes = [state.keep(a.set(1)), state.keep(b.set(2))];
    for (const change of changes) change.commit();
    expect(() => statSync(file)).toThrow('ENOENT');
    changes[0]!.store!();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, a: { value: 1 }, b: { value: 2 } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { mtimeNs, ino } = statSync(file, { bigint: true });
    changes[1]!.store!();
    expect(statSync(file, { bigint: true })).toMatchObject({ mtimeNs, ino });
  });

  it('is given back to the parts at the next start; a part that nobody claims is kept', () => {
    writeFileSync(file, JSON.stringify({ version: 1, a: { value: 7 }, later: [1] }));
    const state = new DurableState(file);
    const a = new Box();
    state.add('a', a);
    expect(a.value).toBe(7);
    const change = state.keep(a.set(8));
    change.commit();
    change.store!();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, a: { value: 8 }, later: [1] });
  });

  it('says that it cannot be stored, and stores the truth with the next change', () => {
    const state = new DurableState(join(folder, 'gone', 'x.json'));
    const a = new Box();
    state.add('a', a);
    const change = state.keep(a.set(1));
    change.commit();
    expect(() => change.store!()).toThrow(expect.objectContaining({ code: 'STATE_FAILED' }));
    change.undo();
    expect(a.value).toBe(0);
  });

  it.each([
    ['no JSON', '{'],
    ['another version', '{"version":2}'],
    ['a list', '[]'],
  ])('refuses a damaged file: %s', (_what, text) => {
    writeFileSync(file, text);
    expect(() => new DurableState(file)).toThrow(/host\.snmp\.json is damaged: mend it, or delete it/);
  });

  it('names the part that is damaged', () => {
    writeFileSync(file, JSON.stringify({ version: 1, a: { value: 'x' } }));
    const state = new DurableState(file);
    expect(() => state.add('a', new Box())).toThrow(/host\.snmp\.json: a: value is a number/);
  });

  it('is nowhere without a file', () => {
    const state = new DurableState();
    const a = new Box();
    state.add('a', a);
    const change = state.keep(a.set(1));
    change.commit();
    change.store!();
    expect(a.value).toBe(1);
  });
});
