import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { TOPICS } from '../../control/feed.ts';
import { someOf } from '../choices.ts';
import type { ClientContext } from './context.ts';
import { notificationLine } from './notification-command.ts';

/** An event as the stream tells it. */
interface Told {
  readonly time: string;
  readonly host: string;
  readonly guest?: string;
  readonly event: string;
  readonly state?: string;
  readonly cause?: string;
  readonly payload?: object;
}

/** Adds `event`, which follows what happens until it is interrupted. */
export function addEventCommand(program: Command, context: ClientContext): void {
  context
    .command(program, 'event', 'follow what happens')
    .addOption(
      someOf(new Option('--topics <names>', 'some of these, by comma'), TOPICS).default(
        'events,alarms,faults',
      ),
    )
    .option('--since <id>', 'what has happened after this id as well; 0 for all that is kept')
    .option('--count <n>', 'end after so many')
    .action(
      context.run(async (flags: { topics: string; since?: string; count?: string }) => {
        const path = context.path('/events', { topics: flags.topics, since: flags.since });
        const stream = await context.client().stream(path);
        let left = flags.count === undefined ? Number.POSITIVE_INFINITY : context.whole(flags.count);
        let topic = '';
        for await (const line of createInterface({ input: stream })) {
          if (line.startsWith('event: ')) topic = line.slice(7);
          if (!line.startsWith('data: ')) continue;
          const data = line.slice(6);
          if (topic === 'missed') {
            context.say(`${data} entries are not kept any more`, { missed: Number(data) });
            continue;
          }
          const told: unknown = JSON.parse(data);
          const text = topic === 'notifications' ? notificationLine(told as never) : sentence(told as Told);
          context.line(told, text);
          if (--left <= 0) break;
        }
        stream.destroy();
      }),
    );
}

function sentence({ time, host, guest, event, state, cause, payload }: Told): string {
  const who = guest === undefined ? host : `${host} '${guest}'`;
  const details = payload
    ? Object.entries(payload)
        .filter(([key]) => key !== 'event')
        .map(([key, value]) => ` ${key}=${String(value)}`)
        .join('')
    : '';
  return `${time} ${who} ${event}${details}${state ? ` (${state})` : ''}${cause ? ` by ${cause}` : ''}`;
}
