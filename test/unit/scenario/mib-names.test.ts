import { describe, expect, it } from 'vitest';
import { labelsOf, objectAt, objectNamed, valueText } from '../../../agent/scenario/mib-names.ts';
import { startDaemon } from '../../support/running-daemon.ts';

describe('names', () => {
  it('are known of every object that an agent serves', async () => {
    const { daemon } = await startDaemon();
    const { leaves } = daemon.registryOf(daemon.hypervisor.hosts[0]!)!;
    for (const { name, oid } of leaves) expect(objectNamed(name).definition.oid).toEqual(oid);
  });

  it('belong to instances, by whole sub-identifiers', () => {
    const found = objectAt([1, 3, 6, 1, 2, 1, 1, 5, 0]);
    expect([found?.object.name, found?.index]).toEqual(['sysName', [0]]);
    expect(objectAt([1, 3, 6, 1, 2, 1, 1, 99, 0])).toBeUndefined();
  });

  it('of columns are short as labels', () => {
    const { table } = objectNamed('lvsQueueDropped');
    expect(labelsOf(table!, 'lvsQueueDirection')).toEqual([
      'lvsQueueDirection',
      'queueDirection',
      'direction',
    ]);
    expect(labelsOf(table!, 'lvsNicNumber')).toEqual(['lvsNicNumber', 'nicNumber', 'nic']);
  });
});

describe('a value as people write it', () => {
  it.each([
    ['lvsGuestState', 1, 'running'],
    ['lvsGuestState', 99, '99'],
    ['lvsGuestCpuTime', 12n, '12'],
    ['sysObjectID', [1, 3, 6], '1.3.6'],
    ['sysName', Buffer.from('h\u00f6st'), 'h\u00f6st'],
    ['sysName', Uint8Array.of(0xff, 0x00), 'ff00'],
    ['lvsNicMac', Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56), '52:54:00:12:34:56'],
    [
      'lvsAlarmGuest',
      Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
      '00112233-4455-6677-8899-aabbccddeeff',
    ],
  ])('%s %s', (name, value, text) => {
    expect(valueText(objectNamed(name).definition.syntax, value)).toBe(text);
  });
});
