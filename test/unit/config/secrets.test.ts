// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { temporaryFolder } from './temporary-folder.ts';

const SECRET = 'Hunter2Hunter2';
const HEX_SECRET = '4a4b4c4d4e4f';
const file = join(temporaryFolder(), 'secret.yaml');

function load(text: string, env: Record<string, string> = {}) {
  writeFileSync(file, text);
  return loadConfig({ file, env });
}

function refusal(text: string, env: Record<string, string> = {}): string {
  try {
    load(text, env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('a secret is in no message', () => {
  it.each([
    ['too long', `communities: [{name: ${SECRET.repeat(20)}}]`],
    ['with a control character', `communities: [{name: "${SECRET}\\n"}]`],
    ['in a list', `communities: [{name: [${SECRET}]}]`],
    ['in a group', `communities: [{name: {${SECRET}: 1}}]`],
    ['as the key', `communities: [{${SECRET}: read-only}]`],
    ['as the key of the section', `communities: {${SECRET}: read-only}`],
    ['as the section', `communities: ${SECRET}`],
    ['as an entry', `communities: [${SECRET}]`],
    ['as the access', `communities: [{name: a, access: ${SECRET}}]`],
    ['among the sources', `communities: [{name: a, sources: [${SECRET}]}]`],
    ['twice', `communities: [{name: ${SECRET}}, {name: ${SECRET}}]`],
    ['of a trap destination', `traps: {destinations: [{host: a, community: "${SECRET}\\u0007"}]}`],
    ['as the host of a trap destination', `traps: {destinations: [{host: "${SECRET} x"}]}`],
    ['as a trap destination', `traps: {destinations: ${SECRET}}`],
    ['as the traps', `traps: ${SECRET}`],
    ['as a password that is too long', `users: [{name: a, auth: {password: ${SECRET.repeat(20)}}}]`],
    ['as a password in a list', `users: [{name: a, auth: {password: [${SECRET}]}}]`],
    ['as a password with a control character', `users: [{name: a, priv: {password: "${SECRET}\\n"}}]`],
    ['as the authentication', `users: [{name: a, auth: ${SECRET}}]`],
    ['as a key of the encryption', `users: [{name: a, priv: {${SECRET}: 1}}]`],
    ['as a protocol', `users: [{name: a, auth: {protocol: ${SECRET}, password: ${SECRET}}}]`],
    ['as a localized key', `users: [{name: a, auth: {localizedKey: ${SECRET}}}]`],
    ['as a localized key that is too short', `users: [{name: a, auth: {localizedKey: "${HEX_SECRET}"}}]`],
    ['beside a second key', `users: [{name: a, auth: {password: ${SECRET}, localizedKey: "${HEX_SECRET}"}}]`],
    ['as the name of a user', `users: [{name: ${SECRET.repeat(3)}}]`],
    ['as the name of two users', `users: [${`{name: ${SECRET}, level: noAuthNoPriv},`.repeat(2)}]`],
    ['as the level of a user', `users: [{name: a, level: ${SECRET}}]`],
    ['as the access of a user', `users: [{name: a, access: ${SECRET}}]`],
    ['as a key of a user', `users: [{name: a, ${SECRET}: 1}]`],
    ['as a user', `users: [${SECRET}]`],
    ['as the users', `users: ${SECRET}`],
    ['of a user who cannot reach the level', `users: [{name: a, auth: {password: ${SECRET}}}]`],
    ['of a user without authentication', `users: [{name: a, priv: {password: ${SECRET}}}]`],
    ['as the file', SECRET],
    ['as a key that is there twice', `communities: [{${SECRET}: 1, ${SECRET}: 2}]`],
    ['in an open quote', `communities: [{name: "${SECRET}}]`],
    ['in a bad escape', `communities: [{name: "\\${SECRET}"}]`],
    ['as an alias', `communities: [{name: *${SECRET}}]`],
    ['as a tag', `communities: [{name: !${SECRET} a}]`],
    ['after a value', `communities: [{name: "a" ${SECRET}}]`],
    ['with a tab', `communities:\n\t- name: ${SECRET}`],
    ['in a broken reference', `communities: [{name: "\${${SECRET} x"}]`],
  ])('%s', (_what, text) => {
    const message = refusal(text);
    expect(message).not.toContain(SECRET);
    expect(message).not.toContain(HEX_SECRET);
  });

  it('when it came from the environment', () => {
    const message = refusal('communities: [{name: "${C}"}]', { C: `${SECRET}\n` });
    expect(message).toMatch(
      /:1:22 communities\[0\]\.name: the value of the environment variable C is not accepted, expected text of 1 to 255/,
    );
    expect(message).not.toContain(SECRET);
  });
});

describe('the environment', () => {
  it('completes secrets, paths and texts', () => {
    const config = load(
      'communities: [{name: "${C}"}]\nstate: /var/${D}\nagent: {system: {name: "${D}-${C}"}}\ninventory: {domains: "/${D}"}',
      { C: 'community', D: 'd' },
    );
    expect(config.communities[0]?.name).toBe('community');
    expect(config.state).toBe('/var/d');
    expect(config.agent.system.name).toBe('d-community');
    expect(config.inventory.domains).toEqual(['/d']);
  });

  it('is not looked at twice, and can be escaped', () => {
    const config = load('communities: [{name: "${C}/$${C}/$x"}]', { C: '${D}' });
    expect(config.communities[0]?.name).toBe('${D}/${C}/$x');
  });

  it('leaves other options alone', () => {
    expect(refusal('log: {level: "${L}"}', { L: 'info' })).toMatch(
      /:1:14 log\.level: "\$\{L\}" is not accepted, expected one of/,
    );
  });

  it.each([
    [
      'communities:\n  - name: ${NOPE}',
      ':2:11 communities[0].name: the environment variable NOPE is not set; expected it to be',
    ],
    ['state: a${', ':1:8 state: a ${ that no variable name and brace follow; expected $${ for a plain one'],
    [
      'state: ${a b}',
      ':1:8 state: a ${ that no variable name and brace follow; expected $${ for a plain one',
    ],
    ['state: ${}', ':1:8 state: a ${ that no variable name and brace follow; expected $${ for a plain one'],
  ])('refuses %s', (text, line) => {
    expect(refusal(text)).toBe(file + line);
  });
});
