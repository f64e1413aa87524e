/**
 * Checks the texts in `mibs/` with smilint at level 6: `npm run lint:mibs`.
 *
 * Fails on any finding but the known ones, and on a known one that is gone. Without smilint it fails when
 * CI=true, and otherwise says so and passes.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { devNull } from 'node:os';
import { join, relative } from 'node:path';
import { moduleFolders } from '../../agent/mib/generate.ts';

interface KnownFinding {
  readonly tag: string;
  /** Absent for a finding that names none; each of its kind is then meant. */
  readonly object?: string;
  readonly why: string;
}

const NO_HINT = 'published without a display hint; one would change what tools print';
const FOR_IMPORT = 'meant for other modules to import';
const HOST_IDENTITY = 'RFC 2790 has it within the subtree that RFC 1514 began with';
const VARIABLE_OID =
  'an OBJECT IDENTIFIER has no size clause; sub-identifiers in all are bounded by RFC 2578';

const INTERNET_TYPES = [
  ...['InetAddressType', 'InetAddress', 'InetAddressIPv4', 'InetAddressIPv6', 'InetAddressIPv4z'],
  ...['InetAddressIPv6z', 'InetAddressDNS', 'InetAddressPrefixLength', 'InetPortNumber'],
  ...['InetAutonomousSystemNumber', 'InetScopeType', 'InetZoneIndex', 'InetVersion'],
];

/** Findings that are meant to be, by module: smilint's tag, the object, and why. */
const KNOWN_FINDINGS: Readonly<Record<string, readonly KnownFinding[]>> = {
  'ALARM-MIB': [
    { tag: 'opaque-smiv2', why: 'a variable of a notification may be of any type' },
    { tag: 'type-without-format', object: 'LocalSnmpEngineOrZeroLenStr', why: NO_HINT },
  ],
  'ENTITY-MIB': [
    { tag: 'type-without-format', object: 'SnmpEngineIdOrNone', why: NO_HINT },
    {
      tag: 'type-unref',
      object: 'PhysicalClass',
      why: 'kept for modules from before the list was given to IANA',
    },
  ],
  'ENTITY-SENSOR-MIB': [
    { tag: 'type-without-format', object: 'EntitySensorPrecision', why: NO_HINT },
    { tag: 'type-without-format', object: 'EntitySensorValue', why: NO_HINT },
  ],
  'HCNUM-TC': [
    { tag: 'module-name-suffix', object: 'HCNUM-TC', why: 'published under this name' },
    { tag: 'type-unref', object: 'CounterBasedGauge64', why: FOR_IMPORT },
    { tag: 'type-without-format', object: 'CounterBasedGauge64', why: NO_HINT },
    { tag: 'type-unref', object: 'ZeroBasedCounter64', why: FOR_IMPORT },
    { tag: 'type-without-format', object: 'ZeroBasedCounter64', why: NO_HINT },
  ],
  'IANA-STORAGE-MEDIA-TYPE-MIB': [{ tag: 'type-unref', object: 'IANAStorageMediaType', why: FOR_IMPORT }],
  'HOST-RESOURCES-MIB': [
    { tag: 'module-identity-registration', why: HOST_IDENTITY },
    ...['hrStorage', 'hrDevice', 'hrPartition', 'hrFS', 'hrSWRun', 'hrSWInstalled'].map((row) => ({
      tag: 'index-element-accessible',
      object: `${row}Index`,
      why: 'published so: its first version was of SMIv1',
    })),
    { tag: 'type-without-format', object: 'KBytes', why: NO_HINT },
    { tag: 'type-without-format', object: 'InternationalDisplayString', why: NO_HINT },
  ],
  'HOST-RESOURCES-TYPES': [
    { tag: 'module-identity-registration', why: HOST_IDENTITY },
    { tag: 'module-name-suffix', object: 'HOST-RESOURCES-TYPES', why: 'published under this name' },
    ...['hrStorageTypes', 'hrDeviceTypes', 'hrFSTypes'].flatMap((object) => [
      {
        tag: 'identifier-external-redefined',
        object: `HOST-RESOURCES-MIB::${object}`,
        why: 'published in both modules of RFC 2790',
      },
      { tag: 'previous-definition', object, why: 'the second half of the finding before' },
    ]),
  ],
  'IANA-ENTITY-MIB': [{ tag: 'type-unref', object: 'IANAPhysicalClass', why: FOR_IMPORT }],
  'INET-ADDRESS-MIB': [
    ...INTERNET_TYPES.map((object) => ({ tag: 'type-unref', object, why: FOR_IMPORT })),
    { tag: 'type-without-format', object: 'InetAddress', why: NO_HINT },
  ],
  'LIBVIRT-MIB': [
    {
      tag: 'index-element-accessible',
      object: 'libvirtGuestUUID',
      why: 'libvirt publishes the index as accessible-for-notify, and its notification carries it',
    },
  ],
  'NOTIFICATION-LOG-MIB': [
    { tag: 'opaque-smiv2', why: 'published so: a notification may carry a value of it' },
  ],
  'RMON2-MIB': [
    { tag: 'type-unref', object: 'ZeroBasedCounter32', why: FOR_IMPORT },
    { tag: 'type-without-format', object: 'ZeroBasedCounter32', why: NO_HINT },
  ],
  'SNMP-FRAMEWORK-MIB': [
    {
      tag: 'identifier-case-match',
      object: 'snmpEngineID',
      why: 'published so: the object and its type have one name',
    },
    { tag: 'previous-definition', object: 'SnmpEngineID', why: 'the second half of the finding before' },
    { tag: 'type-without-format', object: 'SnmpEngineID', why: NO_HINT },
    { tag: 'type-without-format', object: 'SnmpSecurityModel', why: NO_HINT },
    { tag: 'type-without-format', object: 'SnmpMessageProcessingModel', why: NO_HINT },
    { tag: 'type-unref', object: 'SnmpSecurityModel', why: FOR_IMPORT },
    { tag: 'type-unref', object: 'SnmpMessageProcessingModel', why: FOR_IMPORT },
    { tag: 'type-unref', object: 'SnmpSecurityLevel', why: FOR_IMPORT },
    { tag: 'type-unref', object: 'SnmpAdminString', why: FOR_IMPORT },
  ],
  'SNMP-NOTIFICATION-MIB': [
    { tag: 'index-element-no-size', object: 'snmpNotifyFilterSubtree', why: VARIABLE_OID },
    { tag: 'index-exceeds-too-large', object: 'snmpNotifyFilterEntry', why: VARIABLE_OID },
  ],
  'SNMP-TARGET-MIB': [
    { tag: 'type-unref', object: 'SnmpTagValue', why: FOR_IMPORT },
    { tag: 'group-unref', object: 'snmpTargetBasicGroup', why: FOR_IMPORT },
    { tag: 'group-unref', object: 'snmpTargetResponseGroup', why: FOR_IMPORT },
  ],
  'SNMP-USER-BASED-SM-MIB': [{ tag: 'type-without-format', object: 'KeyChange', why: NO_HINT }],
  'SNMP-USM-DH-OBJECTS-MIB': [{ tag: 'type-without-format', object: 'DHKeyChange', why: NO_HINT }],
  'SNMP-VIEW-BASED-ACM-MIB': [
    { tag: 'index-element-no-size', object: 'vacmViewTreeFamilySubtree', why: VARIABLE_OID },
    { tag: 'index-exceeds-too-large', object: 'vacmViewTreeFamilyEntry', why: VARIABLE_OID },
  ],
  'UUID-TC-MIB': ['UUID', 'UUIDorZero'].map((object) => ({ tag: 'type-unref', object, why: FOR_IMPORT })),
};

/** Unexpected findings, and known findings that did not come up, in one module's text. */
function lintModule(folder: string, file: string): string[] {
  const path = join(folder, file);
  const known = KNOWN_FINDINGS[file.replace(/\.txt$/, '')] ?? [];
  // The machine's own configuration may hide findings or search other folders.
  const result = spawnSync('smilint', ['-c', devNull, '-s', '-m', '-l', '6', path], {
    encoding: 'utf8',
    env: { ...process.env, SMIPATH: moduleFolders().join(':') },
  });
  if (result.error) throw result.error;
  const found = `${result.stdout}${result.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const is = (line: string, { tag, object }: KnownFinding) =>
    line.includes(`{${tag}}`) && (object === undefined || line.includes(`\`${object}'`));
  const findings = found.filter((line) => !known.some((finding) => is(line, finding)));
  if (result.status !== 0 && findings.length === 0) {
    findings.push(`${path}: smilint ended with status ${result.status} and said nothing`);
  }
  for (const finding of known.filter((finding) => !found.some((line) => is(line, finding)))) {
    findings.push(
      `${path}: ${finding.tag} of ${finding.object ?? 'the module'} is gone; take it off the known findings`,
    );
  }
  return findings;
}

function main(): number {
  if (spawnSync('smilint', ['--version']).error) {
    const inCi = process.env['CI'] === 'true';
    console.error(
      `smilint (Debian: smitools) is not installed; mibs/ ${inCi ? 'cannot be' : 'was not'} checked`,
    );
    return inCi ? 1 : 0;
  }
  const [folder = ''] = moduleFolders();
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  const findings = files.flatMap((file) => lintModule(folder, file));
  for (const finding of findings) console.error(finding);
  const known = files.flatMap((file) => KNOWN_FINDINGS[file.replace(/\.txt$/, '')] ?? []);
  console.log(
    `${relative(process.cwd(), folder)}: ${files.length} modules, ${findings.length} findings, ${known.length} known`,
  );
  return findings.length > 0 ? 1 : 0;
}

process.exitCode = main();
