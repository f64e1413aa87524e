import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { LogOptions } from '../../../agent/log/levels.ts';
import { createLogging, type Logging } from '../../../agent/log/log.ts';
import { PATIENCE_MS } from '../../support/patience.ts';

const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-test-'));
const open: Logging[] = [];
let files = 0;

afterEach(async () => {
  await Promise.all(open.splice(0).map((logging) => logging.close()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

class Screen extends Writable {
  isTTY = false;
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

function start(options: Partial<LogOptions>, screen = new Screen()) {
  const logging = createLogging({ level: 'info', levels: {}, console: true, ...options }, screen);
  open.push(logging);
  return { logging, screen };
}

function newFile(): string {
  return join(folder, `${++files}.log`);
}

function entries(file: string): Record<string, unknown>[] {
  const text = readFileSync(file, 'utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** A line without its time, which is checked. */
function untimed(line: string | undefined): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.*)$/.exec(line ?? '');
  expect(match).not.toBeNull();
  expect(Math.abs(Date.parse(match![1]!) - Date.now())).toBeLessThan(60_000);
  return match![2]!;
}

describe('the console', () => {
  it('has one readable line for each call', () => {
    const { logging, screen } = start({});
    logging
      .logger('notify')
      .warn('a receiver is silent', { host: 'nms', port: 162, since: undefined, known: true });
    logging.logger('agent').error('no fields');
    expect(screen.lines.map(untimed)).toEqual([
      'warn notify: a receiver is silent host=nms port=162 known=true',
      'error agent: no fields',
    ]);
  });

  it('keeps text from outside on its line', () => {
    const { logging, screen } = start({});
    logging
      .logger('agent')
      .info('name\nforged \u001b[2Jline', { name: 'a b', quote: 'x"y', forged: 'a\r\nb\u009b', no: '' });
    expect(screen.lines.map(untimed)).toEqual([
      'info agent: name\\nforged \\u001b[2Jline name="a b" quote="x\\"y" forged="a\\r\\nb\\u009b" no=""',
    ]);
  });

  it('is coloured on a terminal only', () => {
    const terminal = new Screen();
    terminal.isTTY = true;
    start({}, terminal).logging.logger('agent').info('x');
    expect(terminal.text).toContain('\u001b[32minfo\u001b[0m agent: x');
    const { logging, screen } = start({});
    logging.logger('agent').info('x');
    expect(screen.text).not.toContain('\u001b');
  });

  it('is not coloured where NO_COLOR is set', () => {
    vi.stubEnv('NO_COLOR', '1');
    const terminal = new Screen();
    terminal.isTTY = true;
    start({}, terminal).logging.logger('agent').info('x');
    vi.unstubAllEnvs();
    expect(terminal.text).not.toContain('\u001b');
  });

  it('may go away', () => {
    const { logging, screen } = start({});
    screen.destroy(new Error('EPIPE'));
    expect(() => logging.logger('agent').info('x')).not.toThrow();
  });
});

describe('levels', () => {
  it('hold for each component', () => {
    const { logging, screen } = start({ level: 'warn', levels: { notify: 'debug', config: 'error' } });
    for (const component of ['agent', 'notify', 'config'] as const) {
      const logger = logging.logger(component);
      logger.debug('d');
      logger.info('i');
      logger.warn('w');
      logger.error('e');
    }
    expect(screen.lines.map(untimed)).toEqual([
      'warn agent: w',
      'error agent: e',
      'debug notify: d',
      'info notify: i',
      'warn notify: w',
      'error notify: e',
      'error config: e',
    ]);
  });

  it('follow reconfigure, debugEnabled too', () => {
    const { logging, screen } = start({});
    const logger = logging.logger('agent');
    expect(Object.hasOwn(logger, 'debugEnabled')).toBe(true);
    expect(logger.debugEnabled).toBe(false);
    logging.reconfigure({ level: 'info', levels: { agent: 'debug' }, console: true });
    expect(logging.logger('agent')).toBe(logger);
    expect(logger.debugEnabled).toBe(true);
    logger.debug('seen');
    logging.reconfigure({ level: 'error', levels: {}, console: true });
    expect(logger.debugEnabled).toBe(false);
    logger.warn('not seen');
    expect(screen.lines.map(untimed)).toEqual(['debug agent: seen']);
  });

  it('are off without an output', () => {
    const { logging, screen } = start({ level: 'debug', console: false });
    expect(logging.logger('agent').debugEnabled).toBe(false);
    logging.logger('agent').error('x');
    expect(screen.text).toBe('');
  });
});

describe('the file', () => {
  it('has a line of JSON for each call, and is for its owner only', async () => {
    const file = newFile();
    const { logging } = start({ file });
    logging.logger('agent').info('two\nlines', { n: 1, level: 'x', yes: true });
    await logging.close();
    expect(entries(file)).toEqual([
      {
        time: expect.any(String),
        level: 'info',
        component: 'agent',
        message: 'two\nlines',
        n: 1,
        level_: 'x',
        yes: true,
      },
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is whole when closed, and silent afterwards', async () => {
    const file = newFile();
    const { logging } = start({ file, console: false });
    const logger = logging.logger('agent');
    for (let i = 0; i < 5000; i++) logger.info('line', { i });
    await logging.close();
    logger.info('late');
    logging.reconfigure({ level: 'debug', levels: {}, console: true });
    logger.info('late');
    await logging.close();
    expect(entries(file).map(({ i }) => i)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  it('is appended to, and opened anew by reconfigure', async () => {
    const file = newFile();
    const options = { level: 'info', levels: {}, console: false, file } as const;
    const { logging } = start(options);
    const logger = logging.logger('agent');
    logger.info('one');
    await vi.waitFor(() => expect(entries(file)).toHaveLength(1), PATIENCE_MS);
    renameSync(file, `${file}.1`);
    logger.info('two');
    logging.reconfigure(options);
    logger.info('three');
    await logging.close();
    const again = start(options).logging;
    again.logger('agent').info('four');
    await again.close();
    expect(entries(`${file}.1`).map(({ message }) => message)).toEqual(['one', 'two']);
    expect(entries(file).map(({ message }) => message)).toEqual(['three', 'four']);
  });

  it.each([
    ['is a folder', () => mkdirSync(join(folder, 'd'), { recursive: true }), 'd', 'EISDIR'],
    ['is in a folder that is not there', () => undefined, 'missing/x.log', 'ENOENT'],
  ])('that %s is reported once and stops nothing', async (_what, prepare, name, reason) => {
    prepare();
    const { logging, screen } = start({ file: join(folder, name), console: false });
    const logger = logging.logger('agent');
    logger.info('one');
    await vi.waitFor(() => expect(screen.text).not.toBe(''), PATIENCE_MS);
    logger.info('two');
    await logging.close();
    expect(screen.lines).toHaveLength(1);
    expect(untimed(screen.lines[0])).toContain('error agent: the log file cannot be written');
    expect(screen.lines[0]).toContain(reason);
  });

  it.skipIf(process.platform !== 'linux')('on a full disk is reported once and stops nothing', async () => {
    const { logging, screen } = start({ file: '/dev/full' });
    logging.logger('agent').info('one');
    await vi.waitFor(() => expect(screen.text).toContain('ENOSPC'), PATIENCE_MS);
    logging.logger('agent').info('two');
    await logging.close();
    expect(screen.lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
    expect(screen.lines.filter((line) => line.includes('info agent: two'))).toHaveLength(1);
  });
});

describe('redaction', () => {
  const SECRET = 'hunter2';
  const names = [
    'community',
    'communityName',
    'communities',
    'password',
    'authPassword',
    'passwd',
    'passphrase',
    'secret',
    'credentials',
    'token',
    'apiToken',
    'psk',
    'key',
    'keys',
    'authKey',
    'privKey',
    'priv_key',
    'api-key',
    'API_KEY',
  ];

  it.each(names)('hides the field %s', async (name) => {
    const file = newFile();
    const { logging, screen } = start({ file });
    logging.logger('agent').info('x', { [name]: SECRET, other: 'shown' });
    await logging.close();
    expect(screen.text + readFileSync(file, 'utf8')).not.toContain(SECRET);
    expect(untimed(screen.lines[0])).toBe(`info agent: x ${name}=[redacted] other=shown`);
    expect(entries(file)[0]).toMatchObject({ [name]: '[redacted]', other: 'shown' });
  });

  it.each(['name', 'monkey', 'keyboard', 'uuid', 'host'])('shows the field %s', (name) => {
    const { logging, screen } = start({});
    logging.logger('agent').info('x', { [name]: 'shown' });
    expect(untimed(screen.lines[0])).toBe(`info agent: x ${name}=shown`);
  });
});
