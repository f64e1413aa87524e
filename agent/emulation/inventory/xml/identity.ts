import { canonicalUuid, derivedUuid } from '../../../util/uuid.ts';
import { attribute, child, children, descendant, refuse, type XmlElement } from './element.ts';
import { quoted } from './source-text.ts';

/** The values of `<domain type=>` that libvirt knows. */
const DOMAIN_TYPES =
  'none qemu kqemu kvm xen lxc uml openvz test vmware hyperv vbox phyp parallels bhyve vz hvf'.split(' ');

/** The values of `<os><type>` that libvirt knows. */
const OS_TYPES = ['hvm', 'xen', 'linux', 'exe', 'uml', 'xenpvh'];

/** As libvirt reads one: blanks around it, and a dash or space before any octet but inside none. */
const UUID = /^\s*(?:[- ]*[0-9a-f]{2}){16}\s*$/i;

/** The name of a domain, as it stands: libvirt keeps blanks around it. */
export function readName(domain: XmlElement): string {
  const element = child(domain, 'name');
  if (element === undefined) refuse(domain, 'the domain has no <name>; it must have one');
  const name = element.text;
  if (name === '') refuse(element, '<name> is empty; it must have at least one character');
  if (name.includes('/')) refuse(element, `<name> is ${quoted(name)}; it cannot contain a /`);
  if (name.includes('\n')) refuse(element, `<name> is ${quoted(name)}; it cannot contain a line break`);
  return name;
}

/**
 * The UUID of a domain in canonical form. Where there is none, libvirt makes a random one; here it is derived
 * from the name, so that every start gives the same.
 */
export function readUuid(domain: XmlElement, name: string): string {
  const element = child(domain, 'uuid');
  if (element === undefined || element.text === '') return derivedUuid('domain', name);
  const uuid = uuidOf(element.text);
  if (uuid === undefined) {
    refuse(
      element,
      `<uuid> is ${quoted(element.text)}; it must have 32 hexadecimal digits, as 8-4-4-4-12 or in one`,
    );
  }
  return uuid;
}

function uuidOf(text: string): string | undefined {
  return UUID.test(text) ? canonicalUuid(text) : undefined;
}

/** The type of a domain, with the type of its operating system checked. */
export function readType(domain: XmlElement): string {
  const type = attribute(domain, 'type') ?? '';
  if (type === '') refuse(domain, '<domain> has no type=; it must have one, such as kvm');
  if (!DOMAIN_TYPES.includes(type)) {
    refuse(
      domain,
      `type=${quoted(type)} of <domain> is unknown; it must be one of ${DOMAIN_TYPES.join(', ')}`,
    );
  }
  const os = descendant(domain, 'os/type');
  if (os === undefined || os.text === '') {
    if ((child(domain, 'bootloader')?.text ?? '') === '') {
      refuse(child(domain, 'os') ?? domain, 'the domain has no <os><type>; it must have one, such as hvm');
    }
  } else if (!OS_TYPES.includes(os.text)) {
    refuse(os, `<os><type> is ${quoted(os.text)}; it must be one of ${OS_TYPES.join(', ')}`);
  }
  return type;
}

/** Refuses a title, generation id or system information that libvirt refuses. */
export function checkIdentity(domain: XmlElement, uuid: string): void {
  const title = child(domain, 'title');
  if (title?.text.includes('\n')) refuse(title, '<title> cannot contain a line break');
  const genid = child(domain, 'genid');
  if (genid !== undefined && genid.text !== '' && uuidOf(genid.text) === undefined) {
    refuse(genid, `<genid> is ${quoted(genid.text)}; it must be a UUID`);
  }
  const hasUuid = (child(domain, 'uuid')?.text ?? '') !== '';
  for (const sysinfo of children(domain, 'sysinfo')) {
    if (attribute(sysinfo, 'type') === 'smbios') checkSmbios(sysinfo, hasUuid ? uuid : undefined);
  }
}

function checkSmbios(sysinfo: XmlElement, uuid: string | undefined): void {
  for (const entry of children(child(sysinfo, 'system'), 'entry')) {
    if (attribute(entry, 'name') !== 'uuid' || entry.text === '') continue;
    const other = uuidOf(entry.text);
    if (other === undefined) refuse(entry, `the system UUID is ${quoted(entry.text)}; it must be a UUID`);
    if (uuid !== undefined && other !== uuid) {
      refuse(entry, `<sysinfo> has UUID ${other}, <uuid> has ${uuid}; they must be the same`);
    }
  }
  for (const entry of children(child(sysinfo, 'bios'), 'entry')) {
    if (attribute(entry, 'name') !== 'date' || entry.text === '') continue;
    if (!/^[0-9]{1,2}\/[0-9]{1,2}\/(?:[0-9]{2}|[0-9]{4})$/.test(entry.text)) {
      refuse(entry, `the BIOS date is ${quoted(entry.text)}; it must be MM/DD/YYYY`);
    }
  }
}
