import type { Command } from 'commander';

/**
 * Adds the options that say as whom an agent is asked, named as those of Net-SNMP's tools. A secret on a command line
 * is seen in the list of processes: each can come from a file or from the environment as well.
 */
export function addSecurityOptions(command: Command): Command {
  return command
    .option('-u, --user <name>', 'user of SNMPv3')
    .option('-l, --level <level>', 'noAuthNoPriv (when not given), authNoPriv or authPriv')
    .option('-a, --auth-protocol <name>', 'MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512')
    .option('-A, --auth-password <password>', 'better VIRTSNMP_AUTH_PASSWORD, which no process list shows')
    .option('--auth-password-file <file>', 'file with the password')
    .option('-x, --priv-protocol <name>', 'DES, AES, AES-192, AES-256, AES-192-C or AES-256-C')
    .option('-X, --priv-password <password>', 'better VIRTSNMP_PRIV_PASSWORD, which no process list shows')
    .option('--priv-password-file <file>', 'file with the password');
}

/** Adds the options that say whom to ask, and how long to wait. */
export function addAgentOptions(command: Command): Command {
  return addSecurityOptions(command)
    .option('-n, --context <name>', 'context')
    .option('-c, --community <name>', 'community of SNMPv1 and SNMPv2c; or VIRTSNMP_COMMUNITY')
    .option('-t, --timeout <seconds>', 'how long a try waits', '1')
    .option('-r, --retries <count>', 'how often a request is repeated', '2');
}
