import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { isDark } from '../state/theme.ts';

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** A colour of the style sheets: the name of a custom property. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
}

const HEIGHT = 150;
/** What a chart shows at least, so that an idle guest's noise is not drawn as a mountain range. */
const HEADROOM = 1.15;
/** Steps of scales whose units are KiB, MiB and so on. */
const POWERS_OF_TWO = Array.from({ length: 60 }, (_, n) => 2 ** n);

/** Lines over simulated time; `times` are seconds of Unix time. */
export function Chart({
  title,
  times,
  lines,
  format,
  least,
  isBinary = false,
}: {
  readonly title: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number | null | undefined) => string;
  /** Upper end of the scale at least. */
  readonly least: number;
  /** Whether its units are multiples by 1,024. */
  readonly isBinary?: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = isDark.value;
  useEffect(() => {
    const target = place.current!;
    const made = new uPlot(optionsOf(target, lines, format, least, isBinary), dataOf(times, lines), target);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: target.clientWidth, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [dark]);
  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <ul class="legend">
          {lines.map(({ label, colour, values }) => (
            <li key={label}>
              <span class={`swatch ${colour}`} aria-hidden="true" />
              {label} <strong>{format(values.at(-1))}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="chart-place" ref={place} role="img" aria-label={spoken(title, lines, format)} />
    </figure>
  );
}

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
}

function optionsOf(
  target: HTMLElement,
  lines: readonly Line[],
  format: (value: number | null | undefined) => string,
  least: number,
  isBinary: boolean,
): uPlot.Options {
  const axis = {
    stroke: colourOf(target, 'chart-text'),
    grid: { stroke: colourOf(target, 'chart-grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: target.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: { y: { range: (_, _low, high) => [0, Math.max(least, (high ?? 0) * HEADROOM)] } },
    axes: [
      {
        ...axis,
        size: 28,
        values: (_, seconds) => seconds.map((each) => new Date(each * 1000).toISOString().slice(11, 16)),
      },
      {
        ...axis,
        size: 76,
        ...(isBinary && { incrs: POWERS_OF_TWO }),
        values: (_, values) => values.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, isFilled }) => {
        const stroke = colourOf(target, colour);
        return {
          label,
          stroke,
          width: 1.5,
          points: { show: false },
          ...(isFilled && { fill: stroke.replace('rgb(', 'rgba(').replace(')', ', 0.14)') }),
        };
      }),
    ],
  };
}

/** What a colour of the style sheets is now: canvases take none of them by name. */
function colourOf(target: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.className = name;
  target.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function spoken(title: string, lines: readonly Line[], format: (value: number | null) => string): string {
  const parts = lines.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${label} not known yet`;
    return `${label} now ${format(values.at(-1)!)}, at most ${format(Math.max(...known))}`;
  });
  return `${title} over the last hour: ${parts.join('; ')}`;
}
