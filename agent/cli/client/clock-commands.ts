import type { Command } from 'commander';
import { VirtsnmpError } from '../../util/errors.ts';
import type { ClientContext } from './context.ts';
import { parseDuration } from './duration.ts';
import { fieldLines } from './table.ts';

interface ClockView {
  readonly now: string;
  readonly nowMs: number;
  readonly speed: number;
  readonly seed: number;
}

/** Adds the commands about the simulated time. */
export function addClockCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  const show = (clock: ClockView) =>
    context.show(
      clock,
      fieldLines([
        ['Time', clock.now],
        ['Since the start', `${(clock.nowMs / 1000).toFixed(3)} s`],
        ['Speed', clock.speed === 0 ? 'paused' : String(clock.speed)],
        ['Seed', clock.seed],
      ]),
    );
  const setSpeed = async (speed: number) => show(await client().send<ClockView>('PUT', '/clock', { speed }));
  const clock = program
    .command('clock')
    .description('the simulated time: show, seed, pause, resume, speed, step');
  context
    .command(clock, 'show', 'what time it is, and how fast it goes')
    .action(context.run(async () => show(await client().get<ClockView>('/clock'))));
  context
    .command(clock, 'seed', 'the number that all randomness of this run came from')
    .argument('[number]', 'cannot be changed in a world that runs: serve --seed starts another')
    .action(
      context.run(async (number: string | undefined) => {
        const { seed } = await client().get<ClockView>('/clock');
        if (number !== undefined && context.whole(number) !== seed)
          throw new VirtsnmpError(
            'OPERATION_INVALID',
            `this world came from the seed ${seed}, and what has happened in it cannot come from another: restart it with serve --seed ${number}`,
          );
        context.show({ seed }, [String(seed)]);
      }),
    );
  context.command(clock, 'pause', 'let it stand').action(context.run(() => setSpeed(0)));
  context.command(clock, 'resume', 'let it go as real time does').action(context.run(() => setSpeed(1)));
  context
    .command(clock, 'speed', 'simulated seconds for each real one')
    .argument('<factor>', '0 to 10000')
    .action(
      context.run(async (factor: string) => {
        if (!/^\d+(\.\d+)?$/.test(factor)) throw context.usage(`${factor} is no speed; expected 0 to 10000`);
        await setSpeed(Number(factor));
      }),
    );
  context
    .command(clock, 'step', 'go on by a duration, or to an instant, as fast as it can')
    .argument('<duration|time>', 'such as 90s, 5m, 2h, 1d, or 2026-01-05T09:00:00Z')
    .action(
      context.run(async (text: string) => {
        const ms = parseDuration(text);
        const instant = Date.parse(text);
        if (ms === undefined && Number.isNaN(instant))
          throw context.usage(
            `${text} is neither a duration such as 90s or 5m, nor a time such as 2026-01-05T09:00:00Z`,
          );
        const body = ms === undefined ? { to: new Date(instant).toISOString() } : { ms };
        show(await client().send<ClockView>('POST', '/clock/step', body));
      }),
    );
}
