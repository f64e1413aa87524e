import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp } from '../support/net-snmp.ts';
import { type Served, virtsnmp } from '../support/own-process.ts';
import { type Login, UsmTools } from '../support/snmpusm.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  type AuthName,
  localizedKey,
  localizedPrivKey,
  masterKey,
  type PrivName,
} from '../support/v3-messages.ts';

const ADMIN: Login = {
  name: 'admin',
  auth: 'SHA-256',
  priv: 'AES',
  authSecret: 'admin authenticates',
  privSecret: 'admin encrypts',
};
const TEMPLATE: Login = {
  ...ADMIN,
  name: 'template',
  authSecret: 'first password',
  privSecret: 'template encrypts',
};

/** One agent with a state folder, in processes of its own that end by kill -9. */
class Agent {
  readonly folder = temporaryFolder();
  readonly port: number;
  readonly tools: UsmTools;
  served!: Served;

  private constructor(port: number) {
    this.port = port;
    this.tools = new UsmTools(`127.0.0.1:${port}`);
  }

  static async start(adminSecret = ADMIN.authSecret): Promise<Agent> {
    const agent = new Agent(await freePort());
    agent.configure(adminSecret);
    await agent.restart();
    return agent;
  }

  get logFile(): string {
    return join(this.folder, 'log.jsonl');
  }

  get stateFile(): string {
    return join(this.folder, 'state/host-1.snmp.json');
  }

  configure(adminSecret: string): void {
    const user = ({ name, auth, authSecret, privSecret }: Login, access: string) =>
      `  - { name: ${name}, access: ${access}, level: authPriv, auth: { protocol: ${auth}, password: ${authSecret} }, ` +
      `priv: { protocol: AES-128, password: ${privSecret} } }`;
    const lines = [
      `agent: { port: ${this.port} }`,
      'communities: []',
      'users:',
      user({ ...ADMIN, authSecret: adminSecret }, 'admin'),
      user(TEMPLATE, 'read-only'),
      'state: state',
      'log: { level: debug, file: log.jsonl }',
    ];
    writeFileSync(join(this.folder, 'agent.yaml'), `${lines.join('\n')}\n`);
  }

  async restart(): Promise<void> {
    this.served = virtsnmp(['serve', '--config', join(this.folder, 'agent.yaml')]);
    await this.served.until(`guests on 127.0.0.1:${this.port}`);
  }

  async kill(): Promise<void> {
    this.served.child.kill('SIGKILL');
    await this.served.exit;
  }
}

/** What is known of a made user: none, or his password and whether he is active. */
type Known = { readonly password: string; readonly active: boolean } | undefined;

/** A change that snmpusm makes of one user, and what the user is afterwards. */
interface Change {
  readonly command: readonly string[];
  readonly after: Known;
}

/** The changes that are possible for a user as he is. */
function changesOf(name: string, known: Known, round: number): Change[] {
  if (!known) {
    const after = { password: TEMPLATE.authSecret, active: true };
    return [{ command: ['create', name, TEMPLATE.name], after }];
  }
  const password = `password ${round}`;
  return [
    { command: ['-Ca', 'passwd', known.password, password, name], after: { ...known, password } },
    { command: ['deactivate', name], after: { ...known, active: false } },
    { command: ['activate', name], after: { ...known, active: true } },
    { command: ['delete', name], after: undefined },
  ];
}

describeWithNetSnmp('users that managers made and changed', () => {
  /** Whether a user is what is known of him: his keys are right when all that he lacks is a group. */
  async function isKnown({ tools }: Agent, name: string, known: Known): Promise<boolean> {
    const login = { ...TEMPLATE, name, authSecret: known?.password ?? TEMPLATE.authSecret };
    const told = await tools.read(login);
    return told.includes(known?.active ? 'authorizationError' : 'Unknown user name');
  }

  /** Whether a user who is there but not active has the password: activates him for a look. */
  async function check(agent: Agent, name: string, known: Known): Promise<void> {
    expect(await isKnown(agent, name, known), `${name} ${JSON.stringify(known)}`).toBe(true);
    if (!known || known.active) return;
    expect(await agent.tools.usm(ADMIN, 'activate', name)).toBe('activated');
    expect(await isKnown(agent, name, { ...known, active: true })).toBe(true);
    expect(await agent.tools.usm(ADMIN, 'deactivate', name)).toBe('deactivated');
  }

  it('are found as they were answered after kill -9 right behind an answer', async () => {
    const agent = await Agent.start();
    const known = new Map<string, Known>();
    const steps = [
      ['ann', 0],
      ['ann', 0],
      ['bob', 0],
      ['ann', 1],
      ['bob', 3],
      ['ann', 2],
    ] as const;
    for (const [round, [name, which]] of steps.entries()) {
      const { command, after } = changesOf(name, known.get(name), round)[which]!;
      expect(await agent.tools.usm(ADMIN, ...command)).toMatch(/ed$/);
      await agent.kill();
      known.set(name, after);
      await agent.restart();
      for (const [one, as] of known) await check(agent, one, as);
      expect(statSync(agent.stateFile).mode & 0o777).toBe(0o600);
    }
  });

  it('are whole, the last change made or not, after kill -9 at any moment', async () => {
    const agent = await Agent.start();
    const known = new Map<string, Known>();
    let round = 0;
    for (const delayMs of [3, 20, 45, 90]) {
      const killed = new Promise<void>((resolve) => {
        setTimeout(() => resolve(agent.kill()), delayMs);
      });
      let open: { readonly name: string; readonly after: Known } | undefined;
      while (agent.served.child.exitCode === null && agent.served.child.signalCode === null) {
        const name = `user${round % 3}`;
        const [change] = changesOf(name, known.get(name), round++);
        open = { name, after: change!.after };
        // The request that the end meets is never answered.
        const told = await agent.tools.usm({ ...ADMIN, timeoutS: 1 }, ...change!.command);
        if (!/^(created|changed)$/.test(told)) break;
        known.set(name, change!.after);
        open = undefined;
      }
      await killed;
      await agent.restart();
      if (open && (await isKnown(agent, open.name, open.after))) known.set(open.name, open.after);
      for (const [one, as] of known) await check(agent, one, as);
      expect(readdirSync(join(agent.folder, 'state'))).toContain('host-1.engine.json');
    }
  });
});

describeWithNetSnmp('passwords and keys', () => {
  it('are told nowhere, whatever happens', async () => {
    const agent = await Agent.start();
    const { tools } = agent;
    const passwords = new Set(
      [ADMIN, TEMPLATE].flatMap(({ authSecret, privSecret }) => [authSecret, privSecret]),
    );
    const made = { ...TEMPLATE, name: 'made', authSecret: 'made authenticates' };
    for (const wrong of ['wrong authentication', 'wrong encryption']) passwords.add(wrong);
    passwords.add(made.authSecret).add('admin rotated');
    const keys = new Set<string>();
    const keep = () => {
      for (const [key] of readFileSync(agent.stateFile, 'utf8').matchAll(/[\da-f]{32,}/g)) keys.add(key);
    };

    await tools.read({ ...ADMIN, authSecret: 'wrong authentication' });
    await tools.read({ ...ADMIN, privSecret: 'wrong encryption' });
    await tools.read({ ...ADMIN, name: 'nobody' });
    expect(await tools.usm(ADMIN, 'create', 'made', 'template')).toBe('created');
    keep();
    expect(await tools.usm(ADMIN, '-Ca', 'passwd', TEMPLATE.authSecret, made.authSecret, 'made')).toBe(
      'changed',
    );
    keep();
    expect(await tools.usm(ADMIN, 'create', 'made', 'template')).toBe('inconsistentValue');
    expect(await tools.read(made)).toContain('authorizationError');
    for (const key of Object.values(await tools.changeKeys(ADMIN, 'made'))) keys.add(key.slice(2));
    keep();
    agent.served.child.kill('SIGHUP');
    await agent.served.until('configuration read again');
    const printed = [agent.served.out(), agent.served.err()];
    await agent.kill();
    agent.configure('admin rotated');
    await agent.restart();
    expect(await tools.read({ ...ADMIN, authSecret: 'admin rotated' })).toBe('host-1');
    agent.served.child.kill('SIGTERM');
    await agent.served.exit;
    keep();

    const { engineId } = JSON.parse(readFileSync(join(agent.folder, 'state/host-1.engine.json'), 'utf8'));
    const id = Buffer.from(engineId, 'hex');
    const [auth, priv] = ['SHA-256', 'AES'] as [AuthName, PrivName];
    for (const password of passwords) {
      const octets = Buffer.from(password);
      for (const key of [
        masterKey(auth, octets),
        localizedKey(auth, octets, id),
        localizedPrivKey(auth, priv, octets, id),
      ])
        keys.add(key.toString('hex'));
    }
    // The engine ID is no secret, and stands in the state beside the keys.
    keys.delete(engineId);
    expect(keys.size).toBeGreaterThan(3 * passwords.size);

    const told = [
      ...printed,
      agent.served.out(),
      agent.served.err(),
      readFileSync(agent.logFile, 'utf8'),
    ].join('\n');
    expect(told).toContain('configuration read again');
    for (const password of passwords) expect(told).not.toContain(password);
    for (const key of keys) {
      const octets = Buffer.from(key, 'hex');
      expect(told.toLowerCase()).not.toContain(key.slice(0, 24));
      for (const form of ['base64', 'base64url', 'latin1'] as const) {
        expect(told).not.toContain(octets.toString(form).slice(0, 16));
      }
      expect(told).not.toContain(Array.from(octets.subarray(0, 6)).join(','));
    }
  });
});
