import { useMemo, useState } from 'preact/hooks';
import { get, guestPath } from '../api/request.ts';
import type { Guest, History, SeriesName } from '../api/types.ts';
import { clock } from '../state/fleet.ts';
import { usePolled } from '../state/polled.ts';
import { Chart, type Line } from '../ui/chart.tsx';
import { bitRate, byteRate, kib, percent } from '../ui/format.ts';

const LOOK_MS = 4000;
const HOUR_MS = 3_600_000;
/** Upper ends of scales at least: one per cent, 100 kbit/s and 100 KiB/s. */
const LEAST = { share: 0.01, bits: 100_000, bytes: 102_400 } as const;

/** What a guest did over the last hour of simulated time. */
export function GuestCharts({ guest }: { readonly guest: Guest }) {
  const [history, setHistory] = useState<History>();
  usePolled(
    async (signal) => {
      const latest = await get<History>(guestPath(guest, '/history'));
      if (!signal.aborted) setHistory(latest);
    },
    LOOK_MS,
    [guest.uuid, guest.host],
  );
  const epochMs = clock.value ? Math.round(Date.parse(clock.value.now) - clock.value.nowMs) : undefined;
  const shown = useMemo(
    () => (history && epochMs !== undefined ? hourOf(history, epochMs) : undefined),
    [history, epochMs],
  );
  if (!shown) return null;
  const { times, series } = shown;
  const line = (label: string, name: SeriesName, colour: string, isFilled = false): Line => ({
    label,
    colour,
    values: series[name],
    isFilled,
  });
  return (
    <section aria-labelledby="charts-heading">
      <h2 id="charts-heading">The last hour</h2>
      <div class="charts">
        <Chart
          title="CPU"
          times={times}
          lines={[line('used', 'cpu', 'series-1', true), line('steal', 'steal', 'series-2')]}
          format={percent}
          least={LEAST.share}
        />
        <Chart
          title="Memory"
          times={times}
          lines={[line('balloon leaves', 'memory', 'series-3'), line('in use', 'used', 'series-1', true)]}
          format={kib}
          isBinary
          least={guest.memoryKiB}
        />
        <Chart
          title="Network"
          times={times}
          lines={[line('received', 'rx', 'series-1', true), line('sent', 'tx', 'series-2')]}
          format={bitRate}
          least={LEAST.bits}
        />
        <Chart
          title="Disks"
          times={times}
          lines={[line('read', 'read', 'series-1', true), line('written', 'write', 'series-2')]}
          format={byteRate}
          isBinary
          least={LEAST.bytes}
        />
      </div>
    </section>
  );
}

/** A whole hour up to the latest sample: what is not known yet is a gap at its beginning. */
function hourOf(
  { intervalMs, atMs, series }: History,
  epochMs: number,
): { times: number[]; series: History['series'] } {
  const wanted = HOUR_MS / intervalMs;
  const times = Array.from(
    { length: wanted },
    (_, i) => (epochMs + atMs - (wanted - 1 - i) * intervalMs) / 1000,
  );
  const filled = Object.entries(series).map(([name, values]) => [
    name,
    [...new Array<null>(wanted - values.length).fill(null), ...values],
  ]);
  return { times, series: Object.fromEntries(filled) as History['series'] };
}
