import { type Command, Option } from 'commander';
import { NOTIFICATION_STATES, type NotificationRecord } from '../../control/notification-list.ts';
import { oneOf } from '../choices.ts';
import type { ClientContext } from './context.ts';
import { tableLines } from './table.ts';

/** Adds `notification list`: what has become of notifications. */
export function addNotificationCommand(program: Command, context: ClientContext): void {
  const notification = program
    .command('notification')
    .description('what receivers were told, and what became of it: list');
  context
    .command(notification, 'list', 'the latest notifications, for each of their targets')
    .option('--host <name>', 'of one host')
    .option('--target <name>', 'to one target, by its name in snmpTargetAddrTable')
    .option('--guest <guest>', 'about one guest')
    .option('--name <pattern>', 'of this name, such as libvirtGuestNotif or lvs*')
    .addOption(oneOf(new Option('--state <state>', 'in this state'), NOTIFICATION_STATES))
    .option('--limit <n>', 'so many at most; 100 when not given')
    .option('--after <seq>', 'those that come after this one')
    .action(
      context.run(async (flags: Readonly<Record<string, string | undefined>>) => {
        const { host, target, guest, name, state, limit, after } = flags;
        const path = context.path('/notifications', { host, target, guest, name, state, limit, after });
        const records = await context.client().get<NotificationRecord[]>(path);
        const rows = records.map((one) => [
          String(one.seq),
          one.time,
          one.name,
          one.guest ?? one.host,
          `${one.target} (${one.address})`,
          one.type,
          stateText(one),
        ]);
        context.show(records, tableLines(['Seq', 'Time', 'Name', 'About', 'Target', 'Type', 'State'], rows));
      }),
    );
}

/** A notification of the event stream as one line. */
export function notificationLine(record: NotificationRecord): string {
  const { time, host, guest, name, type, target, address } = record;
  const who = guest === undefined ? host : `${host} '${guest}'`;
  return `${time} ${who} ${name} ${type} to ${target} (${address}): ${stateText(record)}`;
}

function stateText({ state, retries, reason }: NotificationRecord): string {
  const again = retries === 0 ? '' : `, sent again ${retries === 1 ? 'once' : `${retries} times`}`;
  return `${state}${again}${reason === undefined ? '' : ` (${reason})`}`;
}
