import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import snmp from 'net-snmp';
import { VERSION } from '../../message/constants.ts';
import { SECURITY_LEVEL } from '../../message/v3-constants.ts';
import { errorText, VirtsnmpError } from '../../util/errors.ts';
import { formatOid, type Oid } from '../../util/oid.ts';
import type { DoctorRequest, V3Security } from '../doctor/request.ts';
import { type LibraryVarbind, type ReadVarbind, readVarbind } from './varbind.ts';

/** Who is asked, as what, and how long is waited. */
export type ManagerTarget = Pick<
  DoctorRequest,
  'host' | 'port' | 'family' | 'timeoutMs' | 'retries' | 'security'
>;

/** The agent has answered with an error status (RFC 3416 section 3). */
export class ErrorStatus extends Error {
  readonly status: string;

  constructor(status: string) {
    super(status);
    this.name = 'ErrorStatus';
    this.status = status;
  }
}

/** Protocols by the names that flags have, as the library names them. */
const AUTH: Readonly<Record<string, number>> = {
  MD5: snmp.AuthProtocols.md5,
  SHA: snmp.AuthProtocols.sha,
  'SHA-224': snmp.AuthProtocols.sha224,
  'SHA-256': snmp.AuthProtocols.sha256,
  'SHA-384': snmp.AuthProtocols.sha384,
  'SHA-512': snmp.AuthProtocols.sha512,
};
const PRIV: Readonly<Record<string, number>> = {
  DES: snmp.PrivProtocols.des,
  AES: snmp.PrivProtocols.aes,
  'AES-256': snmp.PrivProtocols.aes256b,
  'AES-256-C': snmp.PrivProtocols.aes256r,
};

/** A manager that asks one agent; over the library, so that another codec than the agent's own reads the answers. */
export class Manager {
  readonly #session: snmp.Session;
  readonly #target: ManagerTarget;

  private constructor(session: snmp.Session, target: ManagerTarget) {
    this.#session = session;
    this.#target = target;
  }

  /** Throws OPERATION_FAILED for a name that is not known and for a protocol that the library has not. */
  static async open(target: ManagerTarget): Promise<Manager> {
    const { host, port, timeoutMs, retries, security } = target;
    const address = await addressOf(target);
    const common = {
      port,
      retries,
      timeout: timeoutMs,
      transport: isIP(address) === 6 ? 'udp6' : 'udp4',
    };
    const session =
      security.version === VERSION.V3
        ? snmp.createV3Session(address, libraryUser(security), {
            ...common,
            context: security.contextName,
          } as never)
        : snmp.createSession(address, security.community, {
            ...common,
            version: security.version === VERSION.V1 ? snmp.Version1 : snmp.Version2c,
          } as never);
    session.on('error', (error: Error) => {
      session.cancelRequests(new VirtsnmpError('OPERATION_FAILED', `${host}: ${errorText(error)}`));
    });
    return new Manager(session, target);
  }

  get(oids: readonly Oid[]): Promise<ReadVarbind[]> {
    return this.#ask((done) => this.#session.get(oids.map(formatOid), done));
  }

  getNext(oids: readonly Oid[]): Promise<ReadVarbind[]> {
    return this.#ask((done) => this.#session.getNext(oids.map(formatOid), done));
  }

  /** What follows each of the identifiers, repetition by repetition. */
  async getBulk(oids: readonly Oid[], maxRepetitions: number): Promise<ReadVarbind[]> {
    const columns: (LibraryVarbind | LibraryVarbind[])[] = await this.#call((done) =>
      this.#session.getBulk(oids.map(formatOid), 0, maxRepetitions, done as never),
    );
    const lists = columns.map((column) => (Array.isArray(column) ? column : [column]));
    const rows = Math.max(0, ...lists.map((list) => list.length));
    return Array.from({ length: rows }, (_, row) =>
      lists.flatMap((list) => (list[row] ? [readVarbind(list[row])] : [])),
    ).flat();
  }

  set(varbinds: readonly { readonly oid: Oid; readonly type: number; readonly value: unknown }[]) {
    const given = varbinds.map((one) => ({ ...one, oid: formatOid(one.oid) }));
    return this.#ask((done) => this.#session.set(given as never, done));
  }

  /**
   * Everything below an identifier, in portions; by GETBULK but with SNMPv1. An agent that does not go forward ends
   * the walk with OPERATION_FAILED.
   */
  async *walk(root: Oid, maxRepetitions: number): AsyncGenerator<ReadVarbind[]> {
    const isV1 = this.#target.security.version === VERSION.V1;
    // An identifier is encoded from two numbers on (ITU-T X.690 section 8.19).
    for (let at = root.length === 1 ? [root[0]!, 0] : root; ; ) {
      const came = await (isV1 ? this.#nextOfV1(at) : this.getBulk([at], maxRepetitions));
      const portion: ReadVarbind[] = [];
      let ended = came.length === 0;
      for (const one of came) {
        ended = one.type === 'endOfMibView' || !isBelow(one.oid, root);
        if (one.type === 'endOfMibView') portion.push(one);
        if (ended) break;
        if (!isAfter(one.oid, at))
          throw failed(`the agent does not go forward: behind ${formatOid(at)} comes ${formatOid(one.oid)}`);
        portion.push(one);
        at = one.oid;
      }
      yield portion;
      if (ended) return;
    }
  }

  close(): void {
    this.#session.close();
  }

  async #nextOfV1(oid: Oid): Promise<ReadVarbind[]> {
    try {
      return await this.getNext([oid]);
    } catch (thrown) {
      // The end of the tree (RFC 1157 section 4.1.3).
      if (thrown instanceof ErrorStatus && thrown.status === 'NoSuchName') return [];
      throw thrown;
    }
  }

  async #ask(
    start: (done: (error: Error | null, varbinds?: unknown) => void) => void,
  ): Promise<ReadVarbind[]> {
    const varbinds: LibraryVarbind[] = await this.#call(start);
    return varbinds.map(readVarbind);
  }

  #call<T>(start: (done: (error: Error | null, result?: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      start((error, result) => {
        if (error) reject(this.#explain(error));
        else resolve(result as T);
      });
    });
  }

  #explain(error: Error): Error {
    const { host, port, security } = this.#target;
    if (error instanceof VirtsnmpError) return error;
    // Its published types leave this class out.
    if (error.name === 'RequestTimedOutError') {
      const hint = security.version === VERSION.V3 ? '' : ', or the community is wrong';
      return new VirtsnmpError(
        'UNREACHABLE',
        `no answer from ${host}:${port}: nobody listens there${hint}; virtsnmp doctor looks into it`,
      );
    }
    if (error instanceof snmp.RequestFailedError && 'status' in error) {
      const status = snmp.ErrorStatus[Number(error.status)];
      if (status !== undefined) return new ErrorStatus(String(status));
    }
    return failed(`${host}:${port}: ${errorText(error)}; virtsnmp doctor looks into it`);
  }
}

/** Whether an identifier lies below another, and is not that one itself. */
function isBelow(oid: Oid, root: Oid): boolean {
  return oid.length > root.length && root.every((id, i) => oid[i] === id);
}

function isAfter(oid: Oid, before: Oid): boolean {
  for (let i = 0; i < Math.min(oid.length, before.length); i++)
    if (oid[i] !== before[i]) return oid[i]! > before[i]!;
  return oid.length > before.length;
}

async function addressOf({ host, family }: ManagerTarget): Promise<string> {
  if (isIP(host)) return host;
  try {
    // An agent that listens on 127.0.0.1 alone is what localhost means most often.
    return (await lookup(host, { family: family ?? 0, order: 'ipv4first' })).address;
  } catch (thrown) {
    throw failed(`${host} is not known: ${errorText(thrown)}`);
  }
}

/** A user as the library wants one. Throws OPERATION_FAILED for what it cannot do. */
export function libraryUser({ userName, level, auth, priv }: V3Security): snmp.User {
  const { noAuthNoPriv, authPriv } = SECURITY_LEVEL;
  const levels = { 1: 'noAuthNoPriv', 2: 'authNoPriv', 3: 'authPriv' } as const;
  const user: Record<string, unknown> = { name: userName, level: snmp.SecurityLevel[levels[level]] };
  if (level !== noAuthNoPriv && auth) {
    user['authProtocol'] = known(AUTH, auth.protocol.name);
    user['authKey'] = passwordOf(auth.key);
  }
  if (level === authPriv && priv) {
    user['privProtocol'] = known(PRIV, priv.protocol.name);
    user['privKey'] = passwordOf(priv.key);
  }
  return user as unknown as snmp.User;
}

function known(protocols: Readonly<Record<string, number>>, name: string): number {
  const protocol = protocols[name];
  if (protocol !== undefined) return protocol;
  throw failed(`these commands have no ${name}; there are ${Object.keys(protocols).join(', ')}`);
}

function passwordOf(key: { readonly password: string } | { readonly localizedKey: string }): string {
  if ('password' in key) return key.password;
  throw failed('these commands take passwords, not keys; virtsnmp doctor takes keys as well');
}

function failed(message: string): VirtsnmpError {
  return new VirtsnmpError('OPERATION_FAILED', message);
}
