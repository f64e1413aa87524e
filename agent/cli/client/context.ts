import { type Command, InvalidArgumentError } from 'commander';
import { ApiClient, apiTarget, DEFAULT_API } from './api-client.ts';

/** What the commands that talk to a running daemon share. */
export interface ClientContext {
  /** The API that flags and environment name; known once a command runs. */
  client(): ApiClient;
  /** A path with the query parameters that have a value. */
  path(path: string, query: Readonly<Record<string, string | undefined>>): string;
  /** A command that talks to a daemon, with the options of all of them. */
  command(parent: Command, name: string, about: string): Command;
  /** The same about one guest, with the option that tells which host's. */
  guestCommand(parent: Command, name: string, about: string): Command;
  /** What commander calls: the function with the arguments and the command's own options. */
  run<A extends unknown[]>(action: (...args: A) => Promise<void>): (...args: unknown[]) => Promise<void>;
  /** Prints data with --json, and lines for people otherwise. */
  show(data: unknown, lines: readonly string[]): void;
  /** Says what was done; with --json the data, or that it was done. */
  say(line: string, data?: unknown): void;
  /** Prints one line of many: data with --json, on one line too. */
  line(data: unknown, text: string): void;
  /** Writes text as it is. */
  write(text: string): void;
  /** A size in KiB from text such as 2G, 512MiB or a plain number of KiB. */
  kib(text: string): number;
  /** A whole number from text. */
  whole(text: string): number;
  /** An argument that cannot be. */
  usage(message: string): Error;
}

interface CommonOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** Size units as virsh takes them, in KiB. */
const UNITS: Readonly<Record<string, number>> = { k: 1, m: 2 ** 10, g: 2 ** 20, t: 2 ** 30 };

/** A context that prints by `out`. */
export function clientContext(out: (line: string) => void, env: NodeJS.ProcessEnv): ClientContext {
  let options: CommonOptions = {};
  const usage = (message: string) => new InvalidArgumentError(message);
  const command: ClientContext['command'] = (parent, name, about) =>
    parent
      .command(name)
      .description(about)
      .option(
        '--url <url>',
        `the control API, or the path of its Unix socket (VIRTSNMP_API, or ${DEFAULT_API})`,
      )
      .option('--token-file <file>', 'its token (or VIRTSNMP_TOKEN holds it)')
      .option('--json', 'print data');
  return {
    command,
    client: () => new ApiClient(apiTarget(options, env)),
    path: (path, query) => {
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
    },
    guestCommand: (parent, name, about) =>
      command(parent, name, about)
        .argument('<guest>', 'name or UUID')
        .option('--host <name>', 'the host that it is on, where several have it'),
    run:
      (action) =>
      (...args) => {
        // Commander passes the arguments, the options, and the command itself.
        options = (args.at(-1) as Command).opts<CommonOptions>();
        return action(...(args.slice(0, -1) as Parameters<typeof action>));
      },
    show: (data, lines) => {
      if (options.json) out(JSON.stringify(data, undefined, 2));
      else for (const line of lines) out(line);
    },
    say: (line, data = { done: line }) => out(options.json ? JSON.stringify(data, undefined, 2) : line),
    line: (data, text) => out(options.json ? JSON.stringify(data) : text),
    write: (text) => void process.stdout.write(text),
    kib: (text) => {
      const match = /^(\d+)(?:([kmgt])(?:i?b)?)?$/i.exec(text);
      if (!match) throw usage(`${text} is no size; expected KiB, or a number with K, M, G or T`);
      return Number(match[1]) * UNITS[(match[2] ?? 'k').toLowerCase()]!;
    },
    whole: (text) => {
      if (!/^-?\d+$/.test(text)) throw usage(`${text} is no whole number`);
      return Number(text);
    },
    usage,
  };
}
