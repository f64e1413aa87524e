import { z } from 'zod';
import { choice, text } from '../../config/fields.ts';
import { ALARM_KINDS, type Alarm, SEVERITIES } from '../../emulation/alarm/alarm.ts';
import { globMatch } from '../../util/glob.ts';
import { adviceOn } from '../shape.ts';
import { expectationKind } from './expectation.ts';
import { readText } from './read-text.ts';

const schema = z.strictObject({
  alarm: readText(readKind, 'a kind of alarm, such as stealHigh'),
  guest: text(1, 255).optional(),
  host: text(1, 255).optional(),
  severity: choice(SEVERITIES).optional(),
  is: choice(['up', 'not up']).default('up'),
});

type Wanted = z.output<typeof schema>;

/** An alarm is up, or none is. */
export const alarm = expectationKind({
  about: 'An alarm of this kind (ALARMS.md) is up, or with `is: not up` none is.',
  schema,
  example: '{ alarm: poolFull, severity: critical, within: 10 min, holds: 1 min }',
  build: (wanted) => ({
    kind: 'alarm',
    text: describe(wanted),
    leadMs: 0,
    names: { guest: wanted.guest, host: wanted.host },
    lasts: true,
    begin: () => ({
      look({ hypervisor }) {
        const up = hypervisor.hosts.flatMap((host) => host.alarms.active);
        const matching = up.filter((each) => matches(each, wanted));
        const ofKind = up.filter(({ kind }) => kind === wanted.alarm).map(alarmText);
        return {
          met: matching.length > 0 === (wanted.is === 'up'),
          seen: ofKind.length > 0 ? ofKind.join('; ') : `no ${wanted.alarm} is up`,
        };
      },
    }),
  }),
});

function matches(up: Alarm, { alarm: kind, guest, host, severity }: Wanted): boolean {
  if (up.kind !== kind || (severity !== undefined && up.severity !== severity)) return false;
  if (host !== undefined && up.host.name !== host) return false;
  return guest === undefined || (up.guest !== undefined && globMatch(guest, up.guest.name));
}

function alarmText({ severity, text: what }: Alarm): string {
  return `${severity}: ${what}`;
}

function readKind(name: string): string {
  if ((ALARM_KINDS as readonly string[]).includes(name)) return name;
  throw new Error(`${JSON.stringify(name)} is no kind of alarm; ${adviceOn(name, ALARM_KINDS)}`);
}

function describe({ alarm: kind, guest, host, severity, is }: Wanted): string {
  const on = `${guest === undefined ? '' : ` of ${guest}`}${host === undefined ? '' : ` on ${host}`}`;
  return `alarm ${kind}${on} ${is}${severity === undefined ? '' : `, ${severity}`}`;
}
