import { describe, expect, it } from 'vitest';
import { CommunityTable, plainAddress } from '../../../agent/security/communities.ts';

const match = (table: CommunityTable, name: string, address: string) =>
  table.match(Buffer.from(name, 'utf8'), address);
const only = (...sources: string[]) => new CommunityTable([{ name: 'c', securityName: 's', sources }]);

/** Networks, a source, and whether it may use the community. */
const SOURCES: readonly (readonly [networks: readonly string[], source: string, allowed: boolean])[] = [
  [['127.0.0.0/8'], '127.0.0.1', true],
  [['127.0.0.0/8'], '127.255.255.255', true],
  [['127.0.0.0/8'], '128.0.0.0', false],
  [['127.0.0.0/8'], '::1', false],
  [['127.0.0.0/8'], '::ffff:127.0.0.1', true],
  [['127.0.0.0/8'], '::FFFF:127.0.0.1', true],
  [['127.0.0.0/8'], '::ffff:10.0.0.1', false],
  [['10.1.2.3'], '10.1.2.3', true],
  [['10.1.2.3'], '10.1.2.4', false],
  [['10.1.2.3/32'], '10.1.2.3', true],
  [['10.1.2.0/31'], '10.1.2.1', true],
  [['10.1.2.0/31'], '10.1.2.2', false],
  [['0.0.0.0/0'], '203.0.113.9', true],
  [['0.0.0.0/0'], '::ffff:203.0.113.9', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '2001:db8::1', true],
  [['::1/128'], '::1', true],
  [['::1/128'], '::2', false],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['fe80::/10'], 'fec0::1', false],
  [['2001:db8::/33'], '2001:db8:7fff::1', true],
  [['2001:db8::/33'], '2001:db8:8000::1', false],
  [['192.0.2.0/24', '2001:db8::/32'], '192.0.2.200', true],
  [['192.0.2.0/24', '2001:db8::/32'], '2001:db8::200', true],
  [[], '127.0.0.1', false],
];

describe('a community', () => {
  it.each(SOURCES)('from %j used from %s: %s', (networks, source, allowed) => {
    const table = only(...networks);
    expect(match(table, 'c', source) !== undefined).toBe(allowed);
    // The verdict is remembered: it must not change.
    expect(match(table, 'c', source) !== undefined).toBe(allowed);
  });

  it('is told apart by every octet', () => {
    const table = only('0.0.0.0/0');
    for (const name of ['', 'C', 'cc', 'c\0', 'b', 'ć'])
      expect(match(table, name, '10.0.0.1')).toBeUndefined();
  });

  it('may be any text, as UTF-8', () => {
    const table = new CommunityTable([{ name: 'größe €', securityName: 's', sources: ['10.0.0.0/8'] }]);
    expect(match(table, 'größe €', '10.0.0.1')).toBeDefined();
    expect(table.match(Buffer.from('größe €', 'latin1'), '10.0.0.1')).toBeUndefined();
  });

  it('is known to access control by its security name and the version, not by the secret', () => {
    const community = match(only('10.0.0.0/8'), 'c', '10.0.0.1')!;
    const common = { securityName: 's', securityLevel: 1, contextName: '' };
    expect(community.principals[0]).toEqual({ securityModel: 1, ...common });
    expect(community.principals[1]).toEqual({ securityModel: 2, ...common });
  });

  it('that is listed twice is the first that the source may use', () => {
    const table = new CommunityTable([
      { name: 'c', securityName: 'near', sources: ['10.0.0.1'] },
      { name: 'c', securityName: 'far', sources: ['10.0.0.0/8'] },
    ]);
    expect(match(table, 'c', '10.0.0.1')?.principals[1].securityName).toBe('near');
    expect(match(table, 'c', '10.0.0.2')?.principals[1].securityName).toBe('far');
  });

  it('is told apart from more addresses than are remembered', () => {
    const table = only('10.0.0.0/9');
    for (let i = 0; i < 5000; i++) {
      const second = i % 2 === 0 ? 1 : 200;
      expect(match(table, 'c', `10.${second}.${i >> 8}.${i & 255}`) !== undefined).toBe(second === 1);
    }
  });
});

describe('an address without its dress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['fe80::1%lo', 'fe80::1'],
    ['::ffff:10.0.0.1%eth0', '10.0.0.1'],
    ['::1', '::1'],
    ['::ffff:0:10.0.0.1', '::ffff:0:10.0.0.1'],
  ])('%s is %s', (address, plain) => expect(plainAddress(address)).toBe(plain));
});
