import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { eventConfiguration } from '../../../agent/daemon/triggers.ts';
import { errorText } from '../../../agent/util/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

function load(text: string) {
  writeFileSync(join(folder, 'triggers.yaml'), text);
  return loadConfig({ file: 'triggers.yaml', env: {}, cwd: folder });
}

function refusal(text: string): string {
  try {
    load(text);
  } catch (thrown) {
    return errorText(thrown);
  }
  return 'accepted';
}

const one = (text: string) => `triggers:\n  - { name: a, ${text} }\n`;
const test = 'boolean: { is: less, value: 1 }';

describe('the section triggers', () => {
  it('becomes rows that managers cannot change', () => {
    const { triggers, events, objects } = eventConfiguration(
      load(`triggers:
  - name: a
    comment: why
    object: libvirtGuestState.*
    every: 2 min
    sample: delta
    existence: { on: [present, changed], startup: present }
    boolean: { is: lessOrEqual, value: -3, startup: false }
    threshold: { rising: 9, falling: 4, startup: falling }
    objects: [libvirtGuestName.*, 1.3.6.1.2.1.1.5.0]
  - { name: b, object: sysUpTime.0, enabled: false, threshold: { rising: 1, falling: 1 }, notify: linkUp, set: { object: sysContact.0, value: 3 } }
`),
    );
    expect(triggers[0]).toMatchObject({
      ...{
        owner: 'config',
        name: 'a',
        comment: 'why',
        test: 0xe0,
        delta: true,
        frequency: 120,
        enabled: true,
      },
      ...{ valueId: [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 3], valueIdWildcard: true, creator: 'configuration' },
      ...{ existenceTest: 0xa0, existenceStartup: 0x80, existenceEvent: '_triggerFire' },
      ...{ booleanComparison: 4, booleanValue: -3, booleanStartup: false, booleanEvent: '_triggerFire' },
      ...{
        rising: 9,
        falling: 4,
        thresholdStartup: 2,
        risingEvent: '_triggerRise',
        fallingEvent: '_triggerFall',
      },
      ...{ objectsOwner: 'config', objects: 'a', storageType: 5, status: 1 },
    });
    expect(objects.map(({ name, index, id, idWildcard }) => [name, index, id.at(-1), idWildcard])).toEqual([
      ['a', 1, 2, true],
      ['a', 2, 0, false],
    ]);
    expect(triggers[1]).toMatchObject({
      ...{ test: 0x20, enabled: false, valueIdWildcard: false, objects: '' },
      ...{ risingEventOwner: 'config.rising', risingEvent: 'b', fallingEventOwner: 'config.falling' },
    });
    const own = events.filter(({ name }) => name === 'b');
    expect(own.map(({ owner, actions, setValue }) => [owner, actions, setValue])).toEqual([
      ['config.rising', 0xc0, 3],
      ['config.falling', 0xc0, 3],
    ]);
    expect(own[0]!.notification).toEqual([1, 3, 6, 1, 6, 3, 1, 1, 5, 4]);
  });

  it('has differences with thresholds of their own, and what says that they mean nothing', () => {
    const { triggers } = eventConfiguration(
      load(`triggers:
  - name: errors
    object: ifInErrors.*
    sample: delta
    discontinuity: { object: ifCounterDiscontinuityTime.* }
    threshold: { rising: 10, falling: 1, deltaRising: 5, deltaFalling: -5 }
  - name: since
    object: ifInErrors.1
    sample: delta
    discontinuity: { object: ifCounterDiscontinuityTime.1, type: dateAndTime }
    threshold: { rising: 10, falling: 1, deltaRising: 0, deltaFalling: 0 }
    notify: linkDown
`),
    );
    expect(triggers[0]).toMatchObject({
      ...{ discontinuityId: [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 19], discontinuityIdWildcard: true },
      ...{ discontinuityIdType: 2, deltaRising: 5, deltaFalling: -5 },
      ...{ deltaRisingEventOwner: '_snmpd', deltaRisingEvent: '_triggerRise' },
      ...{ deltaFallingEventOwner: '_snmpd', deltaFallingEvent: '_triggerFall' },
    });
    expect(triggers[1]).toMatchObject({
      ...{ discontinuityIdWildcard: false, discontinuityIdType: 3, deltaRising: 0, deltaFalling: 0 },
      ...{ deltaRisingEventOwner: 'config.rising', deltaRisingEvent: 'since' },
      ...{ deltaFallingEventOwner: 'config.falling', deltaFallingEvent: 'since' },
    });
  });

  it('only sets where no notification is wanted', () => {
    const { events } = eventConfiguration(
      load(
        one(
          `object: libvirtGuestState.*, ${test}, notify: none, set: { object: libvirtGuestState.*, value: 1 }`,
        ),
      ),
    );
    const own = events.filter(({ owner }) => owner === 'config');
    expect(own.map(({ actions, notification, setValue }) => [actions, notification, setValue])).toEqual([
      [0x40, [0, 0], 1],
    ]);
    expect(refusal(one(`object: sysUpTime.0, ${test}, notify: none`))).toContain(
      'triggers[0].notify: it would do nothing when it fires; expected a notification, or set to be given',
    );
  });

  it('is nothing but the default events when it is left out', () => {
    const { triggers, events, objects } = eventConfiguration(load('emulation: { seed: 1 }'));
    expect([triggers, objects]).toEqual([[], []]);
    expect(events.map(({ owner, name }) => `${owner} ${name}`)).toEqual([
      '_snmpd _triggerFire',
      '_snmpd _triggerRise',
      '_snmpd _triggerFall',
    ]);
  });

  it.each([
    [
      one(`object: libvirtGuestStat.*, ${test}`),
      'triggers.yaml:2:24 triggers[0].object: is no name of a module here; did you mean libvirtGuestState?',
    ],
    [
      one(`object: libvirtGuestState, ${test}`),
      'triggers.yaml:2:24 triggers[0].object: names no instance; expected libvirtGuestState.0 where there is one, or libvirtGuestState.* for all',
    ],
    [
      one(`object: "a b", ${test}`),
      'triggers.yaml:2:24 triggers[0].object: is no identifier; expected an instance such as sysUpTime.0',
    ],
    [one(`object: 9.9.9, ${test}`), 'triggers[0].object: is no object identifier'],
    [
      one('object: sysUpTime.0'),
      'triggers[0]: tests nothing; expected existence, boolean or threshold to be given',
    ],
    [one(`object: sysUpTime.0, every: 0, ${test}`), 'triggers[0].every'],
    [
      one('object: sysUpTime.0, threshold: { rising: 1, falling: 2 }'),
      'triggers[0].threshold.falling: 2 is above rising, 1; expected at most that',
    ],
    [
      one('object: sysUpTime.0, threshold: { rising: 2, falling: 1, deltaRising: 3 }'),
      'triggers.yaml:2:86 triggers[0].threshold.deltaRising: there is no deltaFalling; expected both or neither',
    ],
    [
      one('object: sysUpTime.0, threshold: { rising: 2, falling: 1, deltaFalling: 3 }'),
      'triggers[0].threshold.deltaFalling: there is no deltaRising; expected both or neither',
    ],
    [
      one('object: sysUpTime.0, threshold: { rising: 2, falling: 1, deltaRising: -4, deltaFalling: 3 }'),
      'triggers[0].threshold.deltaFalling: 3 is above deltaRising, -4; expected at most that',
    ],
    [
      one(`object: ifInErrors.*, discontinuity: { object: ifCounterDiscontinuityTime.* }, ${test}`),
      'triggers[0].discontinuity: there are no differences without sample: delta; expected that as well',
    ],
    [
      one(
        `object: ifInErrors.1, sample: delta, discontinuity: { object: ifCounterDiscontinuityTime.* }, ${test}`,
      ),
      'triggers[0].discontinuity.object: is of the instances of a wildcard, and object is of one; expected one as well',
    ],
    [
      one(
        `object: ifInErrors.1, sample: delta, discontinuity: { object: sysUpTime.0, type: ticks }, ${test}`,
      ),
      'triggers[0].discontinuity.type: "ticks" is not accepted, expected one of timeTicks, timeStamp, dateAndTime',
    ],
    [
      one('object: sysUpTime.0, boolean: { is: lesser, value: 1 }'),
      'triggers[0].boolean.is: "lesser" is not accepted, expected one of unequal',
    ],
    [one('object: sysUpTime.0, boolean: { is: less, value: 2147483648 }'), 'triggers[0].boolean.value'],
    [
      one(`object: sysUpTime.0, ${test}, notify: linkUpp`),
      'triggers[0].notify: is no name of a module here; did you mean linkUp?',
    ],
    [one(`object: sysUpTime.0, ${test}, notify: "1.3.*"`), 'triggers[0].notify: is no notification'],
    [one(`object: sysUpTime.0, ${test}`) + one(`object: sysUpTime.0, ${test}`).split('\n')[1], '3:'],
    [one(`object: sysUpTime.0, tresholt: 1, ${test}`), 'triggers[0].tresholt'],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toContain(message);
  });
});
