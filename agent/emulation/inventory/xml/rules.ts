import type { AttributeRules } from './attribute-rules.ts';
import { DEVICE_RULES } from './device-rules.ts';
import { DOMAIN_RULES } from './domain-rules.ts';
import { refuse, refuseAttribute, type XmlElement } from './element.ts';
import { numberSet, wholeNumber, wholeNumberOfAnyBase } from './values.ts';

const RULES = new Map<string, AttributeRules[]>();
for (const rule of [...DOMAIN_RULES, ...DEVICE_RULES]) {
  const others = RULES.get(rule[0]);
  if (others === undefined) RULES.set(rule[0], [rule]);
  else others.push(rule);
}

/** Refuses a definition with an attribute that libvirt's parser refuses, at the first in document order. */
export function checkAttributes(domain: XmlElement): void {
  for (const each of domain.children) walk(each, each.name, '');
}

function walk(element: XmlElement, path: string, deviceType: string): void {
  for (const [, type, rules] of RULES.get(path) ?? []) {
    if (type === '' || type === deviceType) applyRules(element, rules);
  }
  for (const each of element.children) {
    const type = path === 'devices' ? (each.attributes.get('type') ?? '') : deviceType;
    walk(each, `${path}/${each.name}`, type);
  }
}

function applyRules(element: XmlElement, rules: Readonly<Record<string, string>>): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = element.attributes.get(name);
    const flag = rule[0] === '!' || rule[0] === '?' ? rule[0] : '';
    const kind = rule.slice(flag.length);
    if (value === undefined) {
      if (flag === '!') refuse(element, `<${element.name}> has no ${name}=; it must be ${expectation(kind)}`);
    } else if (!(flag === '?' && value === '') && !accepts(kind, value)) {
      refuseAttribute(element, name, expectation(kind));
    }
  }
}

function accepts(kind: string, value: string): boolean {
  switch (kind) {
    case 'onoff':
      return value === 'on' || value === 'off';
    case 'yesno':
      return value === 'yes' || value === 'no';
    case 'uint':
      return wholeNumber(value) !== undefined;
    case 'hex':
      return wholeNumberOfAnyBase(value) !== undefined;
    case 'int':
      return wholeNumberOfAnyBase(value, { min: -0x80000000, max: 0x7fffffff }) !== undefined;
    case 'cpus':
      return numberSet(value) !== undefined;
    default:
      return kind.split('|').includes(value);
  }
}

function expectation(kind: string): string {
  switch (kind) {
    case 'onoff':
      return 'on or off';
    case 'yesno':
      return 'yes or no';
    case 'uint':
    case 'hex':
      return 'a whole number from 0 to 4294967295';
    case 'int':
      return 'a whole number of 32 bits';
    case 'cpus':
      return 'a set of numbers such as 0-3,^2';
    default: {
      const values = kind.split('|');
      return values.length === 1 ? values[0]! : `one of ${values.join(', ')}`;
    }
  }
}
