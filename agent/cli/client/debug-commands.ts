import { type Command, Option } from 'commander';
import type { ConsoleText } from '../../emulation/console/serial-log.ts';
import { oneOf } from '../choices.ts';
import type { ClientContext } from './context.ts';
import { type GuestOptions, guestPath } from './guest-commands.ts';

/** Real ms between two looks at a console. */
const LOOK_MS = 250;

const JOBS = ['pull', 'copy', 'commit', 'active-commit', 'backup'] as const;

/** Adds the commands that look into a guest, or act on its kernel and disks from outside. */
export function addDebugCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  const post = (guest: string, options: GuestOptions, below: string, body: object) =>
    client().send('POST', guestPath(context, guest, options, below), body);
  context.guestCommand(program, 'inject-nmi', 'inject an NMI into a guest').action(
    context.run(async (guest: string, options: GuestOptions) => {
      await post(guest, options, '/debug', { nmi: true });
      context.say(`NMI injected into '${guest}'`);
    }),
  );
  context
    .guestCommand(program, 'send-key', 'press keys of a guest together, such as KEY_LEFTALT KEY_SYSRQ KEY_T')
    .argument('<key...>', 'names of the codeset linux; several keystrokes need several calls')
    .action(
      context.run(async (guest: string, keys: string[], options: GuestOptions) => {
        await post(guest, options, '/debug', { keys });
      }),
    );
  context
    .guestCommand(program, 'console', "show a guest's serial console, and follow it")
    .option('--no-follow', 'what is there, and no more')
    .action(
      context.run(async (guest: string, { follow, host }: GuestOptions & { follow: boolean }) => {
        let from = 0;
        for (;;) {
          const path = context.path(`/guests/${encodeURIComponent(guest)}/console`, {
            host,
            from: String(from),
          });
          const { text, next, missed } = await client().get<ConsoleText>(path);
          if (missed > 0 && from > 0) context.write(`\r\n[${missed} octets were not kept]\r\n`);
          context.write(text);
          from = next;
          if (!follow) return;
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        }
      }),
    );
  context
    .guestCommand(program, 'blockjob', "start, change or end the block job of a guest's disk")
    .argument('<disk>', 'its target, such as vda')
    .addOption(oneOf(new Option('--start <type>', 'what it does'), JOBS))
    .option('--bandwidth <bytes>', 'per second; 0 for as fast as it can')
    .option('--abort', 'cancel it')
    .option('--pivot', 'go on with the other side of a mirror')
    .action(
      context.run(
        async (
          guest: string,
          disk: string,
          flags: GuestOptions & { start?: string; bandwidth?: string; abort?: boolean; pivot?: boolean },
        ) => {
          const bandwidth = flags.bandwidth === undefined ? undefined : context.whole(flags.bandwidth);
          const body =
            flags.start !== undefined
              ? { start: flags.start, bandwidth }
              : flags.abort
                ? { end: 'cancel' }
                : flags.pivot
                  ? { end: 'pivot' }
                  : { bandwidth };
          if (Object.values(body).every((value) => value === undefined))
            throw context.usage('give --start, --bandwidth, --abort or --pivot');
          await post(guest, flags, `/block-jobs/${encodeURIComponent(disk)}`, body);
        },
      ),
    );
}
