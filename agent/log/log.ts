import type { Writable } from 'node:stream';
import winston from 'winston';
import type { LogFields, Logger } from '../util/logger.ts';
import { FileOutput } from './file-output.ts';
import { jsonLine, type LogLine, readableLine, safeFields } from './format.ts';
import { LOG_LEVELS, type LogComponent, type LogLevel, type LogOptions } from './levels.ts';

/** The program's logs: one {@link Logger} per component over shared outputs. */
export interface Logging {
  /** The logger of a component: always the same object, which follows {@link Logging.reconfigure}. */
  logger(component: LogComponent): Logger;
  /** Changes levels and outputs in place, and opens the log file again (so that it can be rotated). */
  reconfigure(options: LogOptions): void;
  /** Writes out what is pending and closes the outputs; later log calls do nothing. */
  close(): Promise<void>;
}

type Transport = winston.transports.StreamTransportInstance;
type Write = (level: LogLevel, component: LogComponent, message: string, fields: LogFields) => void;

/** Starts logging as configured; console lines go to `stderr`, coloured when it is a terminal. */
export function createLogging(options: LogOptions, stderr: Writable = process.stderr): Logging {
  return new WinstonLogging(options, stderr);
}

/** In place of winston's own format, which would write each line as JSON once more. */
const asItIs = winston.format((info) => info);

class WinstonLogging implements Logging {
  readonly #root = winston.createLogger({ level: 'debug', format: asItIs(), transports: [] });
  readonly #stderr: Writable;
  readonly #loggers = new Map<LogComponent, ComponentLogger>();
  readonly #closing = new Set<Promise<void>>();
  #options: LogOptions;
  #file: FileOutput | undefined;
  #closed = false;

  constructor(options: LogOptions, stderr: Writable) {
    this.#stderr = stderr;
    this.#options = options;
    if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore);
    this.#open();
  }

  logger(component: LogComponent): Logger {
    let logger = this.#loggers.get(component);
    if (logger === undefined) {
      logger = new ComponentLogger(component, this.#write, this.#rank(component));
      this.#loggers.set(component, logger);
    }
    return logger;
  }

  reconfigure(options: LogOptions): void {
    if (this.#closed) return;
    this.#options = options;
    this.#shut();
    this.#open();
    this.#setRanks();
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#shut();
      this.#setRanks();
      this.#root.close();
    }
    await Promise.all(this.#closing);
  }

  /** How many levels of the component are written: none when there is no output. */
  #rank(component: LogComponent): number {
    if (this.#closed || this.#root.transports.length === 0) return 0;
    return LOG_LEVELS.indexOf(this.#options.levels[component] ?? this.#options.level) + 1;
  }

  #setRanks(): void {
    for (const [component, logger] of this.#loggers) logger.setRank(this.#rank(component));
  }

  #open(): void {
    const { console, file } = this.#options;
    if (console) {
      const colour = 'isTTY' in this.#stderr && this.#stderr.isTTY === true && !process.env['NO_COLOR'];
      this.#root.add(transport(this.#stderr, (line) => readableLine(line, colour)));
    }
    if (file !== undefined) {
      const output = new FileOutput(file, (reason) => this.#fileFailed(file, reason));
      this.#file = output;
      this.#root.add(transport(output, jsonLine));
    }
  }

  #shut(): void {
    this.#root.clear();
    if (this.#file === undefined) return;
    const closing = this.#file.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    this.#file = undefined;
  }

  /** Said on the console even when that is off: whoever relies on the file must get to know. */
  #fileFailed(file: string, reason: string): void {
    const message = 'the log file cannot be written; nothing more is logged to it';
    const fields = { file, reason };
    const time = new Date().toISOString();
    const line = { time, level: 'error', component: 'agent', message, fields } as const;
    this.#stderr.write(`${readableLine(line, false)}\n`);
  }

  readonly #write: Write = (level, component, message, fields) => {
    const time = new Date().toISOString();
    const line: LogLine = { time, level, component, message, fields: safeFields(fields) };
    this.#root.log({ level, message, line });
  };
}

/** Whoever read standard error may have gone: that is no reason to stop serving. */
function ignore(): void {}

function transport(stream: Writable, format: (line: LogLine) => string): Transport {
  const render = winston.format((info) => {
    info[Symbol.for('message')] = format(info['line'] as LogLine);
    return info;
  });
  return new winston.transports.Stream({ stream, eol: '\n', format: render() });
}

/** Below-level calls cost one comparison: winston is asked only for lines that are written. */
class ComponentLogger implements Logger {
  debugEnabled = false;
  readonly #component: LogComponent;
  readonly #write: Write;
  #rank = 0;

  constructor(component: LogComponent, write: Write, rank: number) {
    this.#component = component;
    this.#write = write;
    this.setRank(rank);
  }

  setRank(rank: number): void {
    this.#rank = rank;
    this.debugEnabled = rank > LOG_LEVELS.indexOf('debug');
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < this.#rank) this.#write(level, this.#component, message, fields);
  }
}
