import { signal } from '@preact/signals';
import { request } from '../api/request.ts';
import type { Clock } from '../api/types.ts';
import { clock, loadClock, loadFleet, loadRates } from '../state/fleet.ts';
import { telling } from '../state/life-cycle.ts';
import { dateTime, span } from '../ui/format.ts';

const SPEEDS = [0.1, 1, 5, 10, 60, 600, 3600, 10_000];
const STEPS = [
  ['+1 s', 1000],
  ['+1 min', 60_000],
  ['+10 min', 600_000],
  ['+1 h', 3_600_000],
] as const;

const isStepping = signal(false);
/** What "resume" goes back to. */
const lastSpeed = signal(1);

async function setSpeed(speed: number): Promise<void> {
  if (speed > 0) lastSpeed.value = speed;
  const words = speed === 0 ? 'Time paused' : `Time goes at ${speed} ×`;
  await telling(words, async () => {
    clock.value = await request<Clock>('PUT', '/clock', { speed });
  });
}

async function step(ms: number, label: string): Promise<void> {
  isStepping.value = true;
  await telling(`Time went on: ${label}`, async () => {
    clock.value = await request<Clock>('POST', '/clock/step', { ms });
  });
  isStepping.value = false;
  await Promise.all([loadFleet(), loadRates(), loadClock()]).catch(() => {});
}

/** The simulated time and what controls it. */
export function TimeBar() {
  const now = clock.value;
  if (!now) return <div class="time-bar" />;
  const isPaused = now.speed === 0;
  const shown = isPaused ? lastSpeed.value : now.speed;
  const speeds = SPEEDS.includes(shown) ? SPEEDS : [...SPEEDS, shown].sort((a, b) => a - b);
  return (
    <section class="time-bar" aria-label="Simulated time">
      <div class="time-now">
        <time dateTime={now.now}>{dateTime(now.now)}</time>
        <span class="muted">up {span(now.nowMs)}</span>
        <span class="muted from-medium">seed {now.seed}</span>
        {isStepping.value && <span class="stepping">stepping…</span>}
      </div>
      <div class="time-controls">
        <button
          type="button"
          class={`button ${isPaused ? 'primary' : ''}`}
          disabled={isStepping.value}
          onClick={() => setSpeed(isPaused ? lastSpeed.value : 0)}
        >
          {isPaused ? 'Resume time' : 'Pause time'}
        </button>
        <label class="inline-field">
          <span>Speed</span>
          <select
            value={String(shown)}
            disabled={isStepping.value}
            onChange={(event) => setSpeed(Number(event.currentTarget.value))}
          >
            {speeds.map((speed) => (
              <option key={speed} value={String(speed)}>
                {speed} ×
              </option>
            ))}
          </select>
        </label>
        <fieldset class="button-group" aria-label="Step the time">
          {STEPS.map(([label, ms]) => (
            <button
              key={ms}
              type="button"
              class="button"
              disabled={isStepping.value}
              onClick={() => step(ms, label)}
            >
              <span class="visually-hidden">Step </span>
              {label}
            </button>
          ))}
        </fieldset>
      </div>
    </section>
  );
}
