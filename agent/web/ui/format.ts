const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const NOTHING = '–';

/** A share, 0 to 1, in per cent. */
export function percent(share: number | null | undefined): string {
  if (share == null) return NOTHING;
  const value = share * 100;
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(1)} %`;
}

function scaled(value: number | null | undefined, step: number, units: readonly string[]): string {
  if (value == null) return NOTHING;
  let left = value;
  let unit = 0;
  while (Math.abs(left) >= step && unit < units.length - 1) {
    left /= step;
    unit++;
  }
  return `${left >= 100 ? Math.round(left) : NUMBER.format(left)} ${units[unit]}`;
}

/** Memory that is given in KiB. */
export function kib(value: number | null | undefined): string {
  return scaled(value, 1024, ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

/** Memory out of more memory; the unit once where it is the same. */
export function kibOf(part: number, whole: number): string {
  const [value, unit] = kib(part).split(' ');
  return kib(whole).endsWith(` ${unit}`) ? `${value} of ${kib(whole)}` : `${value} ${unit} of ${kib(whole)}`;
}

/** A size in bytes. */
export function bytes(value: number | null | undefined): string {
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

/** Bytes in a second. */
export function byteRate(value: number | null | undefined): string {
  return value == null ? NOTHING : `${bytes(value)}/s`;
}

/** Bits in a second. */
export function bitRate(value: number | null | undefined): string {
  return scaled(value, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']);
}

/** How many in a second. */
export function perSecond(value: number | null | undefined): string {
  return value == null ? NOTHING : `${scaled(value, 1000, ['', 'k', 'M', 'G']).trim()}/s`;
}

/** A count with its thousands told apart. */
export function count(value: number): string {
  return NUMBER.format(value);
}

/** A simulated date and time of day: UTC, as logs and traps have it. */
export function dateTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** The time of day alone. */
export function timeOfDay(iso: string): string {
  return iso.slice(11, 19);
}

/** A time span in ms, by its two largest units. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** Numbers as ranges: 0-3,8. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run[1] + 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
