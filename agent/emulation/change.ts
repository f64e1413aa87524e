import type { Domain } from './domain.ts';
import type { ContainerConfig, DomainConfig } from './domain-config.ts';
import type { Host } from './host.ts';
import type { NumatuneChange } from './numa/numatune-change.ts';
import type { ActionName, ActionOptions } from './story.ts';
import type { CputuneConfig } from './vcpu/vcpu-config.ts';

/** Puts many domains on a host in their initial states, without events: they were there before. */
export interface PopulateChange {
  readonly op: 'populate';
  readonly host: Host;
  readonly configs: readonly DomainConfig[];
}

/** Defines a persistent domain; one that has the same UUID and name is updated. */
export interface DefineChange {
  readonly op: 'define';
  readonly host: Host;
  readonly config: DomainConfig;
}

/** Undefines a domain; one that is active becomes transient and goes when it stops. */
export interface UndefineChange {
  readonly op: 'undefine';
  readonly domain: Domain;
}

/** Gives an inactive domain another name. */
export interface RenameChange {
  readonly op: 'rename';
  readonly domain: Domain;
  readonly name: string;
}

/** Replaces a domain's definition, at once or, when it is active, from its next start on. */
export interface UpdateChange {
  readonly op: 'update';
  readonly domain: Domain;
  readonly config: DomainConfig;
}

/** Does something to a domain, or lets something happen to it. */
export interface ActChange extends ActionOptions {
  readonly op: 'act';
  readonly domain: Domain;
  readonly action: ActionName;
  /** migrate: where to. */
  readonly target?: Host;
  /** migrate: the domain becomes persistent on the target. */
  readonly persist?: boolean;
  /** migrate: the domain is undefined on the source once it has moved. */
  readonly undefineSource?: boolean;
}

/** Changes what a domain gets of its host, at once while it is active. What is absent stays. */
export interface TuneChange {
  readonly op: 'tune';
  readonly domain: Domain;
  /** Memory that it shall have, in KiB (setmem). */
  readonly balloonKiB?: number;
  /** vCPUs that are plugged in (setvcpus). */
  readonly vcpus?: number;
  /** schedinfo. */
  readonly cpu?: Partial<Pick<CputuneConfig, 'shares' | 'periodUs' | 'quotaUs'>>;
  readonly autostart?: boolean;
  /** Limits of a container. */
  readonly container?: NonNullable<ContainerConfig['limits']>;
  readonly numatune?: NumatuneChange;
  /** domif-setlink, by the NIC's place in the definition. */
  readonly link?: { readonly nic: number; readonly up: boolean };
  /** One event when the image of a disk grows past so many bytes; 0 for none. */
  readonly threshold?: { readonly disk: string; readonly bytes: number };
}

/** One change of the simulated fleet. */
export type Change =
  | PopulateChange
  | DefineChange
  | UndefineChange
  | RenameChange
  | UpdateChange
  | ActChange
  | TuneChange;
