import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../../agent/scenario/expect/expression.ts';

describe('an expression', () => {
  it('takes names, labels, changes and aggregates apart', () => {
    const read = parseExpression('sum(rate(lvsQueueDropped{guest=web-*, nic=0, direction=rx}, 30 s)) > 5');
    expect(read).toMatchObject({ aggregate: 'sum', change: 'rate', windowMs: 30_000 });
    expect(read.selector.object.name).toBe('lvsQueueDropped');
    expect(read.selector.labels).toEqual([
      { object: 'guest', value: 'web-*' },
      { object: 'lvsNicNumber', value: '0' },
      { object: 'lvsQueueDirection', value: 'rx' },
    ]);
  });

  it('knows an instance by its index, and by its OID', () => {
    expect(parseExpression('sysName.0 == host-1').selector).toMatchObject({ index: [0], labels: [] });
    const { object, index } = parseExpression('1.3.6.1.2.1.1.5.0 == host-1').selector;
    expect([object.name, index]).toEqual(['sysName', [0]]);
  });

  it('takes the host out of the labels', () => {
    expect(parseExpression('lvsHostBoots{host=host-2} == 1').selector).toMatchObject({
      host: 'host-2',
      labels: [],
    });
  });

  it.each([
    [
      'lvsGuestStat{guest=a} == running',
      /"lvsGuestStat" is not an object that is served; did you mean lvsGuestState\?/,
    ],
    ['lvsGuestState{gest=a} == running', /gest is no label of lvsGuestState; did you mean guest\?/],
    ['lvsGuestState{guest=a} == runing', /"runing" is no value of lvsGuestState; did you mean running\?/],
    [
      'lvsGuestState{state=runing} == running',
      /"runing" is no value of lvsGuestState; did you mean running\?/,
    ],
    ['lvsGuestVcpus{guest=a} == two', /"two" is no value of lvsGuestVcpus; expected a number/],
    ['lvsGuestTitle{guest=a} > 3', /is text, and has no order/],
    ['rate(lvsGuestTitle{guest=a}, 3 s) > 3', /lvsGuestTitle is no number/],
    ['rate(lvsGuestCpuTime{guest=a}) > 3', /does not say over which time/],
    ['sum(max(lvsGuestCpuTime)) > 3', /max inside of sum; expected rate or increase/],
    ['lvsEventText == x', /lvsEventText cannot be read: it is accessible-for-notify/],
    ['1.3.6.1.2.1.99.0 == 1', /no instance of an object that is served/],
    ['web 01 == 1', /"web 01" is no object/],
  ])('refuses %s', (text, message) => {
    expect(() => parseExpression(text)).toThrow(message);
  });
});
