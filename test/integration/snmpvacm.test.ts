import { once } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../agent/config/load.ts';
import { UdpSocket } from '../../agent/transport/udp.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp } from '../support/net-snmp.ts';
import { type Served, virtsnmp } from '../support/own-process.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { startDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { decode } from '../support/wire.ts';

const SECURE = resolve(import.meta.dirname, '../../config/secure.yaml');
const env = { VIRTSNMP_AUTH_PASSWORD: 'authentication', VIRTSNMP_PRIV_PASSWORD: 'encryption' };
const SYSTEM = '.1.3.6.1.2.1.1';
const SYS_NAME = `${SYSTEM}.5`;
const GUESTS = '.1.3.6.1.4.1.36957.1.1.1';
const KEYS = [
  '-a',
  'SHA-256',
  '-A',
  env.VIRTSNMP_AUTH_PASSWORD,
  '-x',
  'AES',
  '-X',
  env.VIRTSNMP_PRIV_PASSWORD,
];

/** vacmAccessContextMatch, which snmpvacm wants as a number. */
const MATCH: Readonly<Record<string, string>> = { exact: '1', prefix: '2' };

type Level = 'noAuthNoPriv' | 'authNoPriv' | 'authPriv';

/** What Net-SNMP's tools make of one agent, as one of its users. */
class Manager {
  readonly #endpoint: string;

  /** How long an answer is waited for, in seconds. */
  readonly #timeoutS: number;

  constructor(endpoint: string, timeoutS = 20) {
    this.#endpoint = endpoint;
    this.#timeoutS = timeoutS;
  }

  #as(name: string, level?: Level): string[] {
    return [`-t${this.#timeoutS}`, ...asUser(name, level)];
  }

  /** Runs snmpvacm as `admin`; what it says when all went well, or the reason that the agent gave. */
  async vacm(command: string, ...args: string[]): Promise<string> {
    const words = command.split(' ');
    const numbers = args.map((word) => MATCH[word] ?? word);
    const flags = [...words.slice(0, -1), ...this.#as('admin')];
    return said(await netSnmp('snmpvacm', ...flags, this.#endpoint, words.at(-1)!, ...numbers));
  }

  /** Makes a user with the keys of `viewer`. He is in no group. */
  async addUser(name: string): Promise<void> {
    await netSnmp('snmpusm', ...this.#as('admin'), this.#endpoint, 'create', name, 'viewer');
  }

  /** The value of one variable, or why there is none. */
  async get(user: string, oid: string, level: Level = 'authPriv'): Promise<string> {
    return said(await netSnmp('snmpget', ...this.#as(user, level), '-Oqv', this.#endpoint, oid));
  }

  async set(user: string, ...bindings: string[]): Promise<string> {
    return said(await netSnmp('snmpset', ...this.#as(user), '-Oqv', this.#endpoint, ...bindings));
  }

  /** Asks with a wrong password. */
  async failToAuthenticate(user: string): Promise<void> {
    const flags = [...this.#as(user), '-A', 'not the right one'];
    const { stderr } = await netSnmp('snmpget', ...flags, this.#endpoint, `${SYS_NAME}.0`);
    expect(stderr).toContain('Authentication failure');
  }

  /** Names of what a user sees under a node, without the node itself. */
  async names(user: string, oid: string): Promise<string[]> {
    const { lines } = await netSnmp('snmpbulkwalk', ...this.#as(user), '-Onq', this.#endpoint, oid);
    // At the end of the view snmpbulkwalk repeats the last name and says so.
    const found = lines.filter((line) => !line.includes('No more variables'));
    const names = found.map((line) => line.split(' ')[0]!);
    return names.filter((name) => name.startsWith(`${oid}.`)).map((name) => name.slice(oid.length + 1));
  }
}

function asUser(name: string, level: Level = 'authPriv'): string[] {
  return ['-v3', '-r0', '-u', name, '-l', level, ...KEYS];
}

/** Its last line, or the reason of an error. */
function said({ lines, stderr }: { lines: string[]; stderr: string }): string {
  return /Reason: (\w+)/.exec(stderr)?.[1] ?? lines.at(-1) ?? stderr;
}

async function secureAgent(trap?: string): Promise<Manager> {
  const overrides = { port: 0, guests: 3, state: temporaryFolder(), trap };
  const config = loadConfig({ file: SECURE, overrides, env });
  const { endpoint } = await startDaemon({
    ...config,
    log: { ...config.log, level: 'error' },
    control: { ...config.control, listen: [] },
  });
  return new Manager(endpoint);
}

/** The user `eve`, who may see the system group at each level that is authenticated. */
async function withEve(): Promise<Manager> {
  const manager = await secureAgent();
  await manager.addUser('eve');
  await manager.vacm('createSec2Group', '3', 'eve', 'watchers');
  await manager.vacm('createView', 'few', SYSTEM);
  await manager.vacm('createAccess', 'watchers', '3', '2', 'exact', 'few', 'none', 'none');
  return manager;
}

describeWithNetSnmp('snmpvacm', () => {
  it('gives and takes rights that count from the next request on', async () => {
    const manager = await secureAgent();
    await manager.addUser('eve');
    const seen = () => manager.get('eve', `${SYS_NAME}.0`);
    expect(await seen()).toBe('authorizationError');
    expect(await manager.vacm('createSec2Group', '3', 'eve', 'watchers')).toMatch(/created/);
    expect(await seen()).toBe('authorizationError');
    expect(await manager.vacm('createView', 'few', SYSTEM)).toMatch(/created/);
    expect(await manager.vacm('createAccess', 'watchers', '3', '3', 'exact', 'few', 'none', 'none')).toMatch(
      /created/,
    );
    expect(await seen()).toBe('host-1');
    expect(await manager.names('eve', '.1.3.6.1.4.1')).toEqual([]);
    expect(await manager.set('eve', `${SYSTEM}.6.0`, 's', 'x')).toBe('noAccess');

    expect(await manager.vacm('-Ce createView', 'few', SYS_NAME)).toMatch(/created/);
    expect(await seen()).toMatch(/No Such Object/);
    expect(await manager.names('eve', SYSTEM)).not.toContain('5.0');
    expect(await manager.vacm('deleteView', 'few', SYS_NAME)).toMatch(/deleted/);
    expect(await seen()).toBe('host-1');

    expect(await manager.vacm('deleteAccess', 'watchers', '3', '3')).toMatch(/deleted/);
    expect(await seen()).toBe('authorizationError');
    expect(await manager.vacm('createAccess', 'watchers', '3', '3', 'exact', 'few', 'few', 'none')).toMatch(
      /created/,
    );
    expect(await manager.set('eve', `${SYSTEM}.6.0`, 's', 'here')).toBe('here');
    expect(await manager.vacm('deleteSec2Group', '3', 'eve')).toMatch(/deleted/);
    expect(await seen()).toBe('authorizationError');
  });

  it('opens one guest’s row with a mask', async () => {
    const manager = await withEve();
    const all = await manager.names('admin', GUESTS);
    // column.uuid: the column is the 11th sub-identifier, which the mask leaves open.
    const [uuid] = all.map((name) => name.split('.').slice(1).join('.')).slice(1, 2);
    const columns = all.filter((name) => name.endsWith(`.${uuid}`));
    expect(columns).toHaveLength(7);
    expect(await manager.vacm('createView', 'few', `${GUESTS}.1.${uuid}`, 'ff.df.ff.e0')).toMatch(/created/);
    expect(await manager.names('eve', GUESTS)).toEqual(columns);
    // Out of that row again one column: the longer family decides.
    expect(await manager.vacm('-Ce createView', 'few', `${GUESTS}.3.${uuid}`, 'ff.ff.ff.e0')).toMatch(
      /created/,
    );
    expect(await manager.names('eve', GUESTS)).toEqual(columns.filter((name) => !name.startsWith('3.')));
  });

  it('goes by the security level of the message', async () => {
    const manager = await withEve();
    const seen = (level: Level) => manager.get('eve', `${SYS_NAME}.0`, level);
    expect([await seen('noAuthNoPriv'), await seen('authNoPriv'), await seen('authPriv')]).toEqual([
      'authorizationError',
      'host-1',
      'host-1',
    ]);
    // A right of its own for what is encrypted wins there, though it shows less.
    await manager.vacm('createView', 'less', `${SYSTEM}.1`);
    await manager.vacm('createAccess', 'watchers', '3', '3', 'exact', 'less', 'none', 'none');
    expect(await seen('authNoPriv')).toBe('host-1');
    expect(await seen('authPriv')).toMatch(/No Such Object/);
    await manager.vacm('createAccess', 'watchers', '3', '1', 'exact', 'few', 'none', 'none');
    expect(await seen('noAuthNoPriv')).toBe('host-1');
  });

  it('goes by the context and the security model', async () => {
    const manager = await withEve();
    const seen = () => manager.get('eve', `${SYS_NAME}.0`);
    await manager.vacm('deleteAccess', 'watchers', '3', '2');
    // For a context whose name is, or begins with, "other"; and for another security model: not ours.
    for (const match of ['exact', 'prefix']) {
      await manager.vacm('createAccess', 'watchers', 'other', '3', '1', match, 'few', 'none', 'none');
      expect(await seen()).toBe('authorizationError');
      await manager.vacm('deleteAccess', 'watchers', 'other', '3', '1');
    }
    await manager.vacm('createAccess', 'watchers', '2', '1', 'exact', 'few', 'none', 'none');
    expect(await seen()).toBe('authorizationError');
    // Any model, and each context: what begins with nothing.
    await manager.vacm('createAccess', 'watchers', '0', '1', 'prefix', 'few', 'none', 'none');
    expect(await seen()).toBe('host-1');
  });

  it('cannot make what is there, delete what is configured, or use Net-SNMP’s own table', async () => {
    const manager = await secureAgent();
    expect(await manager.vacm('createSec2Group', '3', 'admin', 'other')).toBe('inconsistentValue');
    expect(await manager.vacm('deleteSec2Group', '3', 'admin')).toBe('inconsistentValue');
    expect(await manager.vacm('deleteView', 'everything', '.1')).toBe('inconsistentValue');
    // What is not there is deleted already (RFC 2579, RowStatus).
    expect(await manager.vacm('deleteSec2Group', '3', 'nobody')).toMatch(/deleted/);
    // nsVacmAccessTable is a table of NET-SNMP-VACM-MIB.
    expect(await manager.vacm('createAuth', 'g', '3', '3', 'log', 'exact', 'everything')).toBe('notWritable');
    expect(await manager.vacm('deleteAuth', 'g', '3', '3', 'log')).toBe('notWritable');
  });

  it('shows access control and communities to administrators alone', async () => {
    const manager = await secureAgent();
    for (const module of ['.1.3.6.1.6.3.16', '.1.3.6.1.6.3.15.1.2']) {
      expect((await manager.names('admin', module)).length).toBeGreaterThan(0);
      for (const user of ['viewer', 'operator']) expect(await manager.names(user, module)).toEqual([]);
    }
    for (const module of ['.1.3.6.1.6.3.10', '.1.3.6.1.6.3.11', '.1.3.6.1.6.3.15']) {
      for (const user of ['viewer', 'operator']) {
        expect((await manager.names(user, module)).length).toBeGreaterThan(0);
      }
    }
    expect(await manager.set('viewer', '.1.3.6.1.6.3.16.1.5.1.0', 'i', '0')).toBe('noAccess');
  });

  it('decides what a receiver of traps is told, whose community opens nothing', async () => {
    const received: string[] = [];
    const sink = await UdpSocket.open({
      address: '127.0.0.1',
      port: 0,
      logger: silentLogger,
      onDatagram: (datagram) => received.push(String(decode(datagram).varbinds[1]?.value.value)),
    });
    onTestFinished(() => sink.close());
    const manager = await secureAgent(`127.0.0.1:${sink.local.port}`);
    const [coldStart, authenticationFailure] = ['1.3.6.1.6.3.1.1.5.1', '1.3.6.1.6.3.1.1.5.5'];
    await vi.waitFor(() => expect(received).toEqual([coldStart]), PATIENCE_MS);
    expect(await manager.get('admin', 'vacmGroupName.2."trap-community-efa1f375d761"')).toBe('read-only');
    expect(await manager.names('admin', '.1.3.6.1.6.3.18.1.1')).toEqual([]);
    const narrow = (view: string) =>
      manager.set('admin', 'vacmAccessNotifyViewName."read-only"."".2.noAuthNoPriv', 's', view);
    const fail = () => manager.failToAuthenticate('viewer');
    expect(await narrow('none')).toBe('none');
    await fail();
    expect(await narrow('monitoring')).toBe('monitoring');
    expect(received).toEqual([coldStart]);
    await fail();
    await vi.waitFor(() => expect(received).toHaveLength(2), PATIENCE_MS);
    expect(received).toEqual([coldStart, authenticationFailure]);
  });

  it('has an administrator obeyed who shuts himself out, over a restart as well', async () => {
    const { manager, restart } = await separateAgent();
    const group = 'vacmGroupName.3."admin"';
    expect(await (await manager()).set('admin', group, 's', 'nobody')).toBe('nobody');
    expect(await (await manager()).get('admin', `${SYS_NAME}.0`)).toBe('authorizationError');
    await restart();
    expect(await (await manager()).get('admin', `${SYS_NAME}.0`)).toBe('authorizationError');
    expect(await (await manager()).get('viewer', `${SYS_NAME}.0`)).toBe('host-1');
  });

  it('leaves nothing undone that was answered, whenever the agent is killed', async () => {
    const { manager, restart } = await separateAgent();
    const seen = async () => (await manager()).get('eve', `${SYS_NAME}.0`);
    const steps: readonly (readonly [after: string, command: string, ...args: string[]])[] = [
      ['authorizationError', 'createSec2Group', '3', 'eve', 'watchers'],
      ['authorizationError', 'createView', 'few', SYSTEM, 'fe'],
      ['host-1', 'createAccess', 'watchers', '3', '3', 'prefix', 'few', 'none', 'none'],
      ['No Such Object', '-Ce createView', 'few', SYS_NAME],
      ['host-1', 'deleteView', 'few', SYS_NAME],
      ['authorizationError', 'deleteAccess', 'watchers', '3', '3'],
    ];
    await (await manager()).addUser('eve');
    for (const [after, command, ...args] of steps) {
      expect(await (await manager()).vacm(command, ...args)).toMatch(/(created|deleted)/);
      await restart();
      expect(await seen()).toContain(after);
    }
    const vacm = '.1.3.6.1.6.3.16';
    const names = await (await manager()).names('admin', vacm);
    await restart();
    expect(await (await manager()).names('admin', vacm)).toEqual(names);
  });

  it('makes a change whole or not at all when it is killed while storing it', async () => {
    const { manager, restart, state } = await separateAgent();
    await (await manager()).addUser('eve');
    for (let event = 1; event <= 5; event++) {
      // Whoever is killed first does not answer.
      const waiting = (await manager(2)).vacm('createSec2Group', '3', `user-${event}`, 'watchers');
      // Storing is some changes in the folder: a new file, its content, its renaming.
      const storing = eventsIn(state, event);
      await Promise.race([waiting, storing.happened]);
      await Promise.all([waiting, restart()]);
      storing.stop();
      const rows = await (await manager()).names('admin', '.1.3.6.1.6.3.16.1.2.1');
      const name = Array.from(Buffer.from(`user-${event}`)).join('.');
      const columns = rows.filter((row) => row.endsWith(name)).length;
      if (/created/.test(await waiting)) expect(columns).toBe(3);
      else expect([0, 3]).toContain(columns);
    }
  });
});

/** The agent of config/secure.yaml in a process of its own, which `restart` kills as kill -9 does. */
async function separateAgent() {
  const port = await freePort();
  const state = join(temporaryFolder(), 'state');
  const start = async (): Promise<Served> => {
    const flags = ['--port', String(port), '--state', state, '--guests', '2'];
    const served = virtsnmp(['serve', '--config', SECURE, ...flags], env);
    await served.until(`127.0.0.1:${port}`);
    return served;
  };
  let served = start();
  const restart = async () => {
    const { child, exit } = await served;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await exit;
    served = start();
    await served;
  };
  const manager = async (timeoutS?: number) => {
    await served;
    return new Manager(`127.0.0.1:${port}`, timeoutS);
  };
  return { manager, restart, state };
}

/** Resolves `happened` when so many changes were seen in a folder. */
function eventsIn(folder: string, count: number) {
  let seen = 0;
  let watcher: FSWatcher;
  const happened = new Promise<void>((resolve) => {
    watcher = watch(folder, () => {
      if (++seen === count) resolve();
    });
  });
  return { happened, stop: () => watcher.close() };
}
