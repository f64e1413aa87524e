import { z } from 'zod';
import { flag, integer, list, text } from '../../config/fields.ts';
import { globMatch } from '../../util/glob.ts';
import { formatOid } from '../../util/oid.ts';
import {
  namesOf,
  notificationNames,
  notificationOid,
  notificationText,
  objectAt,
  objectNamed,
  objectsOf,
  valueText,
} from '../mib-names.ts';
import { adviceOn } from '../shape.ts';
import type { ToldNotification, World } from '../world.ts';
import { type Comparison, ComparisonError, parseComparison, satisfiesEither } from './comparison.ts';
import { expectationKind, type Looked, type Probe } from './expectation.ts';
import { readText } from './read-text.ts';

/** Objects that say which guest a notification is about. */
const GUEST_NAMES = ['libvirtGuestName', 'lvsAlarmGuestName'];
const MOST_CONDITIONS = 32;

const schema = z.strictObject({
  notification: readText(readName, 'the name or OID of a notification'),
  guest: text(1, 255).optional(),
  host: text(1, 255).optional(),
  with: list(
    readText(readCondition, 'a comparison such as "lvsAlarmSeverity == minor"'),
    MOST_CONDITIONS,
    'comparisons',
  ).optional(),
  count: integer(1, 10_000_000).default(1),
  to: text(1, 32).optional(),
  acknowledged: flag().optional(),
});

type Wanted = z.output<typeof schema>;

/** A notification was sent. */
export const notification = expectationKind({
  about: 'A notification of this name (with `*` and `?`) or OID was sent, with these values.',
  schema: schema.superRefine(checkObjects) as unknown as typeof schema,
  example:
    '{ notification: lvsStealHighRaised, guest: web-01, with: lvsAlarmSeverity == minor, within: 3 min }',
  build: (wanted) => ({
    kind: 'notification',
    text: describe(wanted),
    leadMs: 0,
    names: { guest: wanted.guest, host: wanted.host },
    lasts: false,
    begin: (fromMs) => new NotificationProbe(wanted, fromMs),
  }),
});

/** Counts what was told since an instant. */
class NotificationProbe implements Probe {
  readonly #wanted: Wanted;
  readonly #fromMs: number;
  readonly #matching: ToldNotification[] = [];
  #next = 0;
  /** Whether a receiver may still answer: one that did not for so long is not waited for again. */
  #patient = true;

  constructor(wanted: Wanted, fromMs: number) {
    this.#wanted = wanted;
    this.#fromMs = fromMs;
  }

  look(world: World): Looked | Promise<Looked> {
    const { notifications } = world;
    for (; this.#next < notifications.length; this.#next++) {
      const told = notifications[this.#next]!;
      if (told.atMs >= this.#fromMs && matches(told, this.#wanted)) this.#matching.push(told);
    }
    const { count, to, acknowledged } = this.#wanted;
    const { length } = this.#matching;
    if (length < count) return { met: false, seen: `${length} of ${count}` };
    if (to === undefined && !acknowledged)
      return { met: true, seen: `${length}`, sinceMs: this.#matching[count - 1]!.atMs };
    return this.#delivered(world);
  }

  /** Waits for the network, which lives in real time. */
  async #delivered(world: World): Promise<Looked> {
    const { count } = this.#wanted;
    let arrived = this.#arrived();
    while (arrived.length < count && this.#patient) {
      this.#patient = await world.moreDelivered();
      arrived = this.#arrived();
    }
    const word = this.#wanted.acknowledged ? 'acknowledged' : 'delivered';
    if (arrived.length >= count)
      return { met: true, seen: `${arrived.length} ${word}`, sinceMs: arrived[count - 1]!.atMs };
    return { met: false, seen: `${this.#matching.length} sent, ${arrived.length} ${word}` };
  }

  #arrived(): ToldNotification[] {
    const { to, acknowledged } = this.#wanted;
    return this.#matching.filter(({ deliveries }) =>
      Array.from(deliveries).some(
        ([target, outcome]) =>
          (to === undefined || target === to) &&
          (outcome === 'acknowledged' || (outcome === 'sent' && !acknowledged)),
      ),
    );
  }
}

function matches(
  told: ToldNotification,
  { notification: wanted, guest, host, with: conditions = [] }: Wanted,
): boolean {
  if (wanted.oid === undefined ? !globMatch(wanted.name, told.name) : formatOid(told.oid) !== wanted.oid)
    return false;
  if (host !== undefined && told.host !== host) return false;
  if (
    guest !== undefined &&
    !GUEST_NAMES.some((name) =>
      holds(told, name, (values) => values.some((value) => globMatch(guest, String(value)))),
    )
  )
    return false;
  return conditions.every(({ left, condition }) =>
    holds(told, left, (values) => satisfiesEither(values, condition)),
  );
}

/** Whether the binding of this object, as text and as the number that it is, is what is wanted. */
function holds(
  told: ToldNotification,
  name: string,
  is: (values: readonly (number | bigint | string)[]) => boolean,
): boolean {
  return told.varbinds.some(({ oid, value }) => {
    const found = objectAt(oid);
    if (found?.object.name !== name) return false;
    return is(namesOf(value, valueText(found.object.definition.syntax, value)));
  });
}

/** A name, which may be a pattern; or an identifier. */
interface WantedName {
  readonly name: string;
  readonly oid: string | undefined;
}

function readName(name: string): WantedName {
  if (/[*?]/.test(name)) {
    if (notificationNames().some((each) => globMatch(name, each))) return { name, oid: undefined };
    throw new ComparisonError(
      `${JSON.stringify(name)} fits no notification; expected a name, with * and ? where need be`,
    );
  }
  const oid = notificationOid(name);
  return { name: notificationText(oid), oid: formatOid(oid) };
}

function readCondition(text: string): Comparison {
  const comparison = parseComparison(text);
  objectNamed(comparison.left);
  return comparison;
}

/** What a notification does not carry could never be so. */
function checkObjects(
  { notification: { name }, with: conditions = [] }: Wanted,
  context: z.RefinementCtx,
): void {
  const carried = objectsOf(name);
  if (!carried) return;
  conditions.forEach(({ left }, i) => {
    if (carried.includes(left)) return;
    const message = `${left} is not in ${name}; ${adviceOn(left, carried)}`;
    context.addIssue({ code: 'custom', path: ['with', i], message, params: { whole: true } });
  });
}

function describe({
  notification: { name },
  guest,
  host,
  with: conditions = [],
  count,
  to,
  acknowledged,
}: Wanted): string {
  return [
    ...(count > 1 ? [`${count} times`] : []),
    name,
    ...(guest === undefined ? [] : [`of ${guest}`]),
    ...(host === undefined ? [] : [`on ${host}`]),
    ...(conditions.length === 0 ? [] : [`with ${conditions.map(({ text }) => text).join(', ')}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(acknowledged ? ['acknowledged'] : []),
  ].join(' ');
}
