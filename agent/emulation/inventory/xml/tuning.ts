import {
  attribute,
  child,
  children,
  refuse,
  refuseAttribute,
  requiredAttribute,
  type XmlElement,
} from './element.ts';
import { quoted } from './source-text.ts';
import { wholeNumber } from './values.ts';

/** The features that libvirt knows. */
const FEATURES = new Set(
  'pae acpi apic hap viridian privnet hyperv kvm xen pvspinlock capabilities pmu vmport gic smm ioapic hpt vmcoreinfo htm nested-hv msrs ccf-assist cfpc sbbc ibs tcg async-teardown ras ps2 aia'.split(
    ' ',
  ),
);

/** Elements of `<cputune>` with a number, and its bounds in libvirt; a negative quota is no limit. */
const SHARES = { min: 2, max: 262_144 };
const PERIOD = { min: 1000, max: 1_000_000 };
const QUOTA = { min: 1000, max: 17_592_186_044_415 };
const PREFIXES = ['', 'global_', 'emulator_', 'iothread_'];

/** Refuses I/O threads, CPU tuning, features, clocks and the like that libvirt's parser refuses. */
export function checkTuning(domain: XmlElement): void {
  checkIothreads(domain);
  checkCputune(child(domain, 'cputune'));
  for (const feature of child(domain, 'features')?.children ?? []) {
    if (!FEATURES.has(feature.name))
      refuse(feature, `<${feature.name}> is no feature that libvirt knows; take it out`);
  }
  const clock = child(domain, 'clock');
  if (attribute(clock, 'offset') === 'timezone' && attribute(clock, 'timezone') === undefined) {
    refuse(clock!, '<clock offset="timezone"> has no timezone=; it must have one');
  }
  const resource = child(domain, 'resource');
  if (
    resource !== undefined &&
    (child(resource, 'partition')?.text ?? '') === '' &&
    !child(resource, 'fibrechannel')
  ) {
    refuse(resource, '<resource> has no <partition>; it must have one');
  }
  for (const label of children(domain, 'seclabel')) {
    if (attribute(label, 'type') === 'static' && (child(label, 'label')?.text ?? '') === '') {
      refuse(label, 'a static <seclabel> has no <label>; it must have one');
    }
  }
  checkIdMap(child(domain, 'idmap'));
}

function checkIothreads(domain: XmlElement): void {
  const element = child(domain, 'iothreads');
  if (element !== undefined && element.text !== '' && wholeNumber(element.text) === undefined) {
    refuse(element, `<iothreads> is ${quoted(element.text)}; it must be a whole number`);
  }
  const seen = new Set<number>();
  for (const thread of children(child(domain, 'iothreadids'), 'iothread')) {
    const id = wholeNumber(requiredAttribute(thread, 'id'), { min: 1 });
    if (id === undefined) refuseAttribute(thread, 'id', 'a whole number above 0');
    if (seen.has(id)) refuse(thread, `I/O thread ${id} is given twice; its id must be unique`);
    seen.add(id);
  }
}

function checkCputune(cputune: XmlElement | undefined): void {
  number(child(cputune, 'shares'), SHARES);
  for (const prefix of PREFIXES) {
    number(child(cputune, `${prefix}period`), PERIOD);
    const quota = child(cputune, `${prefix}quota`);
    if (quota !== undefined && !/^\s*-[0-9]+$/.test(quota.text)) number(quota, QUOTA);
  }
  const pinned = new Set<number>();
  for (const pin of children(cputune, 'vcpupin')) {
    const vcpu = wholeNumber(requiredAttribute(pin, 'vcpu'));
    if (vcpu === undefined) refuseAttribute(pin, 'vcpu', 'the number of a vCPU');
    if (pinned.has(vcpu)) refuse(pin, `a second <vcpupin> for vCPU ${vcpu}; there must be one only`);
    pinned.add(vcpu);
  }
}

function number(element: XmlElement | undefined, bounds: { min: number; max: number }): void {
  if (element === undefined || element.text === '') return;
  if (wholeNumber(element.text, { min: 0, max: 0 }) === 0) return;
  if (wholeNumber(element.text, bounds) !== undefined) return;
  refuse(
    element,
    `<${element.name}> is ${quoted(element.text)}; it must be from ${bounds.min} to ${bounds.max}`,
  );
}

function checkIdMap(idmap: XmlElement | undefined): void {
  const uids = children(idmap, 'uid');
  const gids = children(idmap, 'gid');
  if (idmap !== undefined && uids.length > 0 !== gids.length > 0) {
    refuse(idmap, '<idmap> maps only users or only groups; it must map both');
  }
  for (const map of [...uids, ...gids]) {
    for (const name of ['start', 'target', 'count']) {
      if (wholeNumber(requiredAttribute(map, name)) === undefined)
        refuseAttribute(map, name, 'a whole number');
    }
  }
}
