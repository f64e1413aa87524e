import { describe, expect, it } from 'vitest';
import { trapV1Name } from '../../../agent/message/trap-v1.ts';

const TRAPS = '1.3.6.1.6.3.1.1.5';

/** snmpTrapOID.0, and enterprise, generic-trap and specific-trap by RFC 3584 section 3.2. */
const NAMES: readonly (readonly [trapOid: string, enterprise: string, generic: number, specific: number])[] =
  [
    [`${TRAPS}.1`, TRAPS, 0, 0],
    [`${TRAPS}.2`, TRAPS, 1, 0],
    [`${TRAPS}.3`, TRAPS, 2, 0],
    [`${TRAPS}.4`, TRAPS, 3, 0],
    [`${TRAPS}.5`, TRAPS, 4, 0],
    [`${TRAPS}.6`, TRAPS, 5, 0],
    [`${TRAPS}.7`, TRAPS, 6, 7],
    [`${TRAPS}.1.1`, `${TRAPS}.1`, 6, 1],
    ['1.3.6.1.4.1.36957.0.1', '1.3.6.1.4.1.36957', 6, 1],
    ['1.3.6.1.4.1.36957.1', '1.3.6.1.4.1.36957', 6, 1],
    ['1.3.6.1.4.1.36957.0', '1.3.6.1.4.1.36957', 6, 0],
    ['1.3.6.1.4.1.36957.2.0.4711', '1.3.6.1.4.1.36957.2', 6, 4711],
  ];

describe('the SNMPv1 name of a notification, RFC 3584 section 3.2', () => {
  it.each(NAMES)('%s', (trapOid, enterprise, genericTrap, specificTrap) => {
    const name = trapV1Name(trapOid.split('.').map(Number));
    expect({ ...name, enterprise: name.enterprise.join('.') }).toEqual({
      enterprise,
      genericTrap,
      specificTrap,
    });
  });
});
