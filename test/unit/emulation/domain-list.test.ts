import { describe, expect, it } from 'vitest';
import { config, Fleet } from './fleet.ts';

const LOW = '00000000-0000-0000-0000-000000000001';
const MIDDLE = '10203040-0506-0708-090a-0b0c0d0e0f10';
const HIGH = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const OCTETS = [0x10, 0x20, 0x30, 0x40, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

function listOf(...uuids: string[]) {
  const fleet = new Fleet();
  const configs = uuids.map((uuid, i) => config(`d${i}`, { uuid }));
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  return fleet.one.domains;
}

describe('a domain list', () => {
  it('is sorted by the octets of the UUIDs', () => {
    const list = listOf(HIGH, LOW, MIDDLE);
    expect([...list].map((domain) => domain.uuid)).toEqual([LOW, MIDDLE, HIGH]);
    expect([0, 1, 2].map((i) => list.at(i).uuid)).toEqual([LOW, MIDDLE, HIGH]);
    expect(() => list.at(3)).toThrow('no domain at position 3: the list has 3');
  });

  it('finds a row by its octets, anywhere in a sequence', () => {
    const list = listOf(HIGH, LOW, MIDDLE);
    expect(list.find(OCTETS, 0)).toBe(1);
    expect(list.find([1, 3, 6, ...OCTETS, 9], 3)).toBe(1);
    expect(list.find(OCTETS.slice(0, 15), 0)).toBe(-1);
    expect(list.find([...OCTETS.slice(0, 15), 17], 0)).toBe(-1);
    expect(list.find([256 + 0x10, ...OCTETS.slice(1)], 0)).toBe(-1);
    expect(list.find(new Array(16).fill(4294967295), 0)).toBe(-1);
  });

  it.each([
    ['nothing', [], 0],
    ['a shorter sequence that a row begins with', OCTETS.slice(0, 7), 1],
    ['a row itself', OCTETS, 2],
    ['a longer sequence that begins with a row', [...OCTETS, 0], 2],
    ['a number that is no octet', [0x10, 256], 2],
    ['a number that is no octet, in the first place', [256], -1],
    ['the greatest sub-identifier in the fourth place', [0x10, 0x20, 0x30, 4294967295, 0], 2],
    ['the last row', new Array(16).fill(255), -1],
    ['all but the end of the last row', new Array(15).fill(255), 2],
  ])('gives the row after %s', (_title, subids: readonly number[], position) => {
    expect(listOf(HIGH, LOW, MIDDLE).after([7, ...subids, 8], 1, 1 + subids.length)).toBe(position);
  });

  it('answers when it is empty', () => {
    const list = listOf();
    expect([list.size, list.find(OCTETS, 0), list.after([], 0, 0)]).toEqual([0, -1, -1]);
  });
});
