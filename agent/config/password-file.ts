import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonText } from './reason.ts';
import { PASSWORD, password, type SecretSource, type UserConfig, type UserSecret } from './users.ts';

/** Octets of a file with a password: far more than a password has. */
const MAX_FILE_SIZE = 4096;

/** A password that could not be had; the message names the file and tells nothing of what is in it. */
interface PasswordProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The users with the passwords from their files, which are relative to `folder`; and what was wrong with files. */
export function readPasswordFiles(
  users: readonly UserConfig<SecretSource>[],
  folder: string,
): { users: UserConfig[]; problems: PasswordProblem[] } {
  const problems: PasswordProblem[] = [];
  const read = users.map(({ auth, priv, ...rest }, index): UserConfig => {
    const at = (key: string) => ['users', index, key, 'passwordFile'];
    return {
      ...rest,
      ...(auth === undefined ? {} : { auth: { ...auth, secret: known(auth.secret, at('auth')) } }),
      ...(priv === undefined ? {} : { priv: { ...priv, secret: known(priv.secret, at('priv')) } }),
    };
  });
  return { users: read, problems };

  function known(secret: SecretSource, path: readonly PropertyKey[]): UserSecret {
    if (secret.kind !== 'passwordFile') return secret;
    const result = readPassword(resolve(folder, secret.value));
    if ('password' in result) return { kind: 'password', value: result.password };
    problems.push({ path, message: `the file ${JSON.stringify(secret.value)} ${result.problem}` });
    return { kind: 'password', value: '' };
  }
}

/** The password in a file, without the line end; or what is wrong with the file, as it follows its name. */
export function readPassword(path: string): { password: string } | { problem: string } {
  let octets: Buffer;
  try {
    octets = readSmallFile(path);
  } catch (error) {
    return { problem: `cannot be read (${reasonText(error)}); expected a file with a password` };
  }
  if (octets.length > MAX_FILE_SIZE) {
    return { problem: `has more than ${MAX_FILE_SIZE} octets; expected a password and nothing else` };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return { problem: 'is not UTF-8 text; expected a password in UTF-8' };
  }
  const result = password.safeParse(text.replace(/\r?\n$/, ''));
  return result.success ? { password: result.data } : { problem: `has no password; expected ${PASSWORD}` };
}

/** The content of a file; of one that is too large only so much that it shows. */
function readSmallFile(path: string): Buffer {
  // Nonblocking: a pipe that nobody writes to must not stop the program.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error(status.isDirectory() ? 'it is a folder' : 'it is no regular file');
    if (status.size > MAX_FILE_SIZE) return Buffer.alloc(MAX_FILE_SIZE + 1);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
