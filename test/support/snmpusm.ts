import { netSnmp } from './net-snmp.ts';

/** A user as Net-SNMP's tools are told of it. */
export interface Login {
  readonly name: string;
  readonly auth: string;
  readonly priv: string;
  /** Password, or localized key if it begins with `0x`. */
  readonly authSecret: string;
  readonly privSecret: string;
  /** How long an answer is waited for, in seconds. */
  readonly timeoutS?: number;
}

/** The flags of Net-SNMP's tools for authPriv messages of a user. */
export function loginFlags({ name, auth, priv, authSecret, privSecret, timeoutS = 20 }: Login): string[] {
  return [
    ...['-v3', '-r0', `-t${timeoutS}`, '-l', 'authPriv', '-u', name, '-a', auth, '-x', priv],
    ...(authSecret.startsWith('0x') ? ['-3k', authSecret] : ['-A', authSecret]),
    ...(privSecret.startsWith('0x') ? ['-3K', privSecret] : ['-X', privSecret]),
  ];
}

/** Net-SNMP's tools towards one agent, each answer in a few words. */
export class UsmTools {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Runs snmpusm: `created`, `deleted`, `cloned`, `activated`, `deactivated`, `changed`, or the error. */
  async usm(login: Login, ...command: readonly string[]): Promise<string> {
    const { lines, stderr } = await this.#snmpusm(login, command);
    return /successfully (\w+)/.exec(lines.join('\n'))?.[1] ?? reason(stderr);
  }

  /**
   * Runs `snmpusm changekey` and returns the keys that it prints, by `auth` and `priv`.
   *
   * It gives up by itself when its public number begins with a 0, and the agent refuses a secret that does: it is
   * run again then.
   */
  async changeKeys(login: Login, ...command: readonly string[]): Promise<Readonly<Record<string, string>>> {
    for (;;) {
      const { lines, stderr } = await this.#snmpusm(login, ['changekey', ...command]);
      const said = lines.join('\n');
      if (said.includes('successfully changed')) {
        const keys = said.matchAll(/new (\w+) key: (0x\w+)/g);
        return Object.fromEntries(Array.from(keys, ([, part, key]) => [part, key]));
      }
      if (!/incorrect diffie-helman lengths|inconsistentValue/.test(said + stderr)) {
        throw new Error(said + stderr);
      }
    }
  }

  /** The agent's name as a user reads it, or why he cannot; `authorizationError` means that his keys are right. */
  async read(login: Login, oid = 'sysName.0'): Promise<string> {
    const { lines, stderr } = await netSnmp('snmpget', ...loginFlags(login), '-Oqv', this.#endpoint, oid);
    return lines[0] ?? reason(stderr);
  }

  async run(tool: string, login: Login, ...args: readonly string[]): Promise<string> {
    const { lines, stderr } = await netSnmp(tool, ...loginFlags(login), this.#endpoint, ...args);
    return lines.join('\n') || reason(stderr);
  }

  /** Options stand before the agent, and `-Cp=x` is option `-Cp` with its value. */
  #snmpusm(login: Login, command: readonly string[]): ReturnType<typeof netSnmp> {
    const options = command.filter((word) => word.startsWith('-C')).flatMap((word) => word.split('='));
    const words = command.filter((word) => !word.startsWith('-C'));
    return netSnmp('snmpusm', ...loginFlags(login), ...options, this.#endpoint, ...words);
  }
}

function reason(stderr: string): string {
  return /Reason: (\w+)/.exec(stderr)?.[1] ?? stderr.trim();
}
