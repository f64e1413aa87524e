import { resolve } from 'node:path';
import { parseEndpoint } from './address.ts';

/** UDP port that notifications go to when none is given. */
const TRAP_PORT = 162;
/** TCP port of the control API when none is given. */
const API_PORT = 8161;

/** Values of command line flags, as text or as numbers; a flag that was not given is absent. */
export interface ConfigOverrides {
  readonly listen?: string | readonly string[] | undefined;
  readonly port?: string | number | undefined;
  readonly hosts?: string | number | undefined;
  readonly guests?: string | number | undefined;
  readonly domains?: string | readonly string[] | undefined;
  readonly seed?: string | number | undefined;
  /** RFC 3339. */
  readonly clock?: string | undefined;
  readonly state?: string | undefined;
  /** `HOST`, `HOST:PORT` or `[IPV6]:PORT`; port 162 when none is given. */
  readonly trap?: string | readonly string[] | undefined;
  readonly strict?: boolean | undefined;
  readonly compat?: string | readonly string[] | undefined;
  /** `HOST:PORT`, `HOST`, `PORT` or `off`. */
  readonly api?: string | undefined;
}

/** A flag's value, where it goes in the configuration. */
export interface Override {
  readonly flag: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The flags that were given, and one line for each that can't be read. */
export function readOverrides(
  flags: ConfigOverrides,
  folder: string,
): { overrides: Override[]; problems: string[] } {
  const problems: string[] = [];
  const all: Override[] = [
    { flag: '--listen', path: ['agent', 'listen'], value: many(flags.listen) },
    { flag: '--port', path: ['agent', 'port'], value: number(flags.port) },
    { flag: '--compat', path: ['agent', 'compat'], value: many(flags.compat) },
    { flag: '--hosts', path: ['inventory', 'hosts'], value: number(flags.hosts) },
    { flag: '--guests', path: ['inventory', 'guests'], value: number(flags.guests) },
    { flag: '--domains', path: ['inventory', 'domains'], value: many(flags.domains)?.map(absolute) },
    { flag: '--strict', path: ['inventory', 'strict'], value: flags.strict },
    { flag: '--seed', path: ['emulation', 'seed'], value: number(flags.seed) },
    { flag: '--clock', path: ['emulation', 'clock'], value: flags.clock },
    {
      flag: '--state',
      path: ['state'],
      value: flags.state === undefined ? undefined : absolute(flags.state),
    },
    ...control(flags.api),
    { flag: '--trap', path: ['traps', 'destinations'], value: many(flags.trap)?.flatMap(destination) },
  ];
  return { overrides: all.filter(({ value }) => value !== undefined), problems };

  function absolute(path: string): string {
    return path === '' ? path : resolve(folder, path);
  }

  function control(text: string | undefined): Override[] {
    if (text === undefined) return [];
    const listen = { flag: '--api', path: ['control', 'listen'] };
    if (text === 'off') return [{ ...listen, value: [] }];
    const port = { flag: '--api', path: ['control', 'port'] };
    if (/^\d+$/.test(text)) return [{ ...port, value: Number(text) }];
    const endpoint = parseEndpoint(text, API_PORT);
    if (endpoint !== undefined)
      return [
        { ...listen, value: [endpoint.host] },
        { ...port, value: endpoint.port },
      ];
    problems.push(`--api: ${JSON.stringify(text)} is not accepted, expected ADDRESS:PORT, PORT, or off`);
    return [];
  }

  function destination(text: string): { host: string; port: number }[] {
    const endpoint = parseEndpoint(text, TRAP_PORT);
    if (endpoint !== undefined) return [{ host: endpoint.host, port: endpoint.port }];
    problems.push(
      `--trap: ${JSON.stringify(text)} is not accepted, expected HOST:PORT or [IPV6]:PORT with a port from 1 to 65535`,
    );
    return [];
  }
}

function many(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

/** Text that isn't a number stays text, for the schema to refuse. */
function number(value: string | number | undefined): string | number | undefined {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
