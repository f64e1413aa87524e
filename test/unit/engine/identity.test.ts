import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineIdentity, MAX_BOOTS } from '../../../agent/engine/identity.ts';
import { failFromStep, withoutFaults } from './identity-faults.ts';

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-identity-'));
  file = join(folder, 'host.engine.json');
});

afterEach(() => {
  withoutFaults();
  rmSync(folder, { recursive: true, force: true });
});

function store(content: unknown): void {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

describe('an engine without a file', () => {
  it('has an ID of RFC 3411 section 5: the form bit, 8072, form 5, random octets', () => {
    const identity = new EngineIdentity({ randomOctets: (count) => new Uint8Array(count).fill(0xab) });
    expect(hex(identity.id)).toBe(`80001f8805${'ab'.repeat(12)}`);
  });

  it('is another engine at each start, with boots 1', () => {
    const [one, other] = [new EngineIdentity(), new EngineIdentity()];
    expect(hex(one.id)).not.toBe(hex(other.id));
    expect([one.boots(), other.boots()]).toEqual([1, 1]);
    expect(one.latched).toBe(false);
  });
});

describe('an engine with a file', () => {
  it('keeps its ID and raises its boots at each start', () => {
    const starts = [1, 2, 3].map(() => new EngineIdentity({ file }));
    expect(new Set(starts.map(({ id }) => hex(id))).size).toBe(1);
    expect(starts.map((identity) => identity.boots())).toEqual([1, 2, 3]);
  });

  it('has stored its boots, for its owner alone, before it can be asked for them', () => {
    const identity = new EngineIdentity({ file });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ engineId: hex(identity.id), engineBoots: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('stays at the greatest number of boots and says so (RFC 3414 section 2.2.2)', () => {
    store({ engineId: '80001f88050102', engineBoots: MAX_BOOTS - 2 });
    const last = new EngineIdentity({ file });
    expect([last.boots(), last.latched]).toEqual([MAX_BOOTS - 1, false]);
    for (let start = 0; start < 3; start++) {
      const identity = new EngineIdentity({ file });
      expect([identity.boots(), identity.latched]).toEqual([MAX_BOOTS, true]);
      expect(hex(identity.id)).toBe('80001f88050102');
    }
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"engineId":"80001f8805ab'],
    ['text', 'boots 7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no boots', { engineId: '80001f88050102' }],
    ['no ID', { engineBoots: 3 }],
    ['boots of 0', { engineId: '80001f88050102', engineBoots: 0 }],
    ['boots below 0', { engineId: '80001f88050102', engineBoots: -1 }],
    ['boots beyond the greatest', { engineId: '80001f88050102', engineBoots: MAX_BOOTS + 1 }],
    ['broken boots', { engineId: '80001f88050102', engineBoots: 1.5 }],
    ['boots as text', { engineId: '80001f88050102', engineBoots: '3' }],
    ['an ID of 4 octets', { engineId: '80001f88', engineBoots: 3 }],
    ['an ID of 33 octets', { engineId: 'ab'.repeat(33), engineBoots: 3 }],
    ['an ID of half an octet more', { engineId: '80001f880501020', engineBoots: 3 }],
    ['an ID that is not hexadecimal', { engineId: '80001f8805xy', engineBoots: 3 }],
    ['an ID of zeros', { engineId: '0000000000', engineBoots: 3 }],
    ['an ID of ones', { engineId: 'ffffffffff', engineBoots: 3 }],
  ])('refuses to start on a file with %s, and leaves it alone', (_what, content) => {
    store(content);
    const before = readFileSync(file, 'utf8');
    expect(() => new EngineIdentity({ file })).toThrow(
      expect.objectContaining({
        code: 'STATE_FAILED',
        message: expect.stringContaining(`${file} is damaged`),
      }),
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('refuses to start on a file that cannot be read, and in a folder that is not there', () => {
    expect(() => new EngineIdentity({ file: folder })).toThrow(/cannot be read: EISDIR/);
    expect(() => new EngineIdentity({ file: join(folder, 'none', 'host.engine.json') })).toThrow(
      expect.objectContaining({ code: 'STATE_FAILED' }),
    );
  });
});

describe('snmpEngineTime', () => {
  let nowMs = 0;
  const monotonicMs = () => nowMs;
  const TURN_MS = 2 ** 31 * 1000;

  beforeEach(() => {
    nowMs = 5_000_500;
  });

  it('counts whole seconds since boots were raised', () => {
    const identity = new EngineIdentity({ monotonicMs });
    expect(identity.timeSeconds()).toBe(0);
    nowMs += 999;
    expect(identity.timeSeconds()).toBe(0);
    nowMs += 1;
    expect(identity.timeSeconds()).toBe(1);
    nowMs += 3_600_000;
    expect(identity.timeSeconds()).toBe(3601);
  });

  it('begins again, with boots raised and stored, where it would exceed 2^31-1', () => {
    const identity = new EngineIdentity({ file, monotonicMs });
    nowMs += TURN_MS - 1;
    expect([identity.boots(), identity.timeSeconds()]).toEqual([1, MAX_BOOTS]);
    nowMs += 1;
    expect([identity.boots(), identity.timeSeconds()]).toEqual([2, 0]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ engineBoots: 2 });
    nowMs += 2 * TURN_MS + 7000;
    expect([identity.timeSeconds(), identity.boots()]).toEqual([7, 4]);
    expect(new EngineIdentity({ file }).boots()).toBe(5);
  });

  it('gives no time at all while the raised boots cannot be stored', () => {
    const identity = new EngineIdentity({ file, monotonicMs });
    nowMs += TURN_MS;
    failFromStep(0);
    expect(() => identity.timeSeconds()).toThrow(/cannot be written/);
    expect(() => identity.boots()).toThrow(/cannot be written/);
    withoutFaults();
    expect([identity.timeSeconds(), identity.boots()]).toEqual([0, 2]);
  });

  it('stays at its maximum when boots cannot be raised any more', () => {
    store({ engineId: '80001f88050102', engineBoots: MAX_BOOTS });
    const identity = new EngineIdentity({ file, monotonicMs });
    nowMs += 3 * TURN_MS;
    expect([identity.boots(), identity.timeSeconds()]).toEqual([MAX_BOOTS, MAX_BOOTS]);
  });
});
