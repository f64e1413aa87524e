import { CRASH_ACTIONS, type CrashAction } from '../../domain/domain-config.ts';
import { child, refuse, type XmlElement } from './element.ts';
import { quoted } from './source-text.ts';

/** What libvirt takes when a guest powers off or reboots itself. */
const PLAIN_ACTIONS = ['destroy', 'restart', 'preserve', 'rename-restart'];

/** What libvirt takes when a lock on a disk is lost. */
const LOCK_ACTIONS = ['poweroff', 'restart', 'pause', 'ignore'];

/** The action of `<on_crash>`, destroy where there is none; refuses the other actions that libvirt refuses. */
export function readCrashAction(domain: XmlElement): CrashAction {
  action(domain, 'on_poweroff', PLAIN_ACTIONS);
  action(domain, 'on_reboot', PLAIN_ACTIONS);
  action(domain, 'on_lockfailure', LOCK_ACTIONS);
  return action(domain, 'on_crash', CRASH_ACTIONS) ?? 'destroy';
}

function action<T extends string>(domain: XmlElement, name: string, right: readonly T[]): T | undefined {
  const element = child(domain, name);
  if (element === undefined || element.text === '') return undefined;
  const found = right.find((each) => each === element.text);
  if (found === undefined)
    refuse(element, `<${name}> is ${quoted(element.text)}; it must be one of ${right.join(', ')}`);
  return found;
}
