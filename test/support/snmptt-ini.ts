import { SNMPTT_CONF } from './gen-snmptt.ts';

/** Settings of snmptt as a daemon of its own user, with the shipped snmptt.conf: reads a spool folder, writes a log. */
export function snmpttIni(spool: string, log: string): string {
  return `[General]
mode = daemon
multiple_event = 1
dns_enable = 0
net_snmp_perl_enable = 0
translate_value_oids = 0
[DaemonMode]
daemon_fork = 0
daemon_uid =
pid_file = ${log}.pid
spool_directory = ${spool}
sleep = 0.1
use_trap_time = 1
keep_unlogged_traps = 0
duplicate_trap_window = 0
[Logging]
stdout_enable = 0
log_enable = 1
log_file = ${log}
log_system_enable = 0
unknown_trap_log_enable = 1
unknown_trap_log_file = ${log}.unknown
syslog_enable = 0
syslog_system_enable = 0
[SQL]
mysql_dbi_enable = 0
[Exec]
exec_enable = 0
[Debugging]
DEBUGGING = 0
[TrapFiles]
snmptt_conf_files = <<END
${SNMPTT_CONF}
END
`;
}
