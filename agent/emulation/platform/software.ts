import { VirtsnmpError } from '../../util/errors.ts';

/** What a package is: a kernel or an image of the hypervisor, of which a host boots one each, or anything else. */
export const SOFTWARE_KINDS = ['kernel', 'image', 'package'] as const;
/** A name of {@link SOFTWARE_KINDS}. */
export type SoftwareKind = (typeof SOFTWARE_KINDS)[number];

/** What can be booted. */
type BootKind = Exclude<SoftwareKind, 'package'>;
const BOOT_KINDS: readonly BootKind[] = ['kernel', 'image'];

/** One version of a package, to be installed. */
export interface PackageSpec {
  readonly name: string;
  /** Version and release. */
  readonly version: string;
  /** That of the package's other versions when not given; of a new name, `kernel` or `package` by the name. */
  readonly kind?: SoftwareKind;
}

/** How a host's package manager goes about packages of several versions, as yum's options of these names do. */
export interface PackagePolicy {
  /**
   * installonlypkgs: names of packages that come beside their other versions instead of in their place.
   * What is given replaces the default list whole, kernels included.
   */
  readonly installOnly: readonly string[];
  /** installonly_limit: how many versions of an install-only package are kept; 0 for all. */
  readonly limit: number;
}

/** Kernels, as yum has them by default, and images of the hypervisor; every version is kept. */
export const PACKAGE_POLICY_DEFAULTS: PackagePolicy = {
  installOnly: [
    ...['kernel', 'kernel-bigmem', 'kernel-enterprise', 'kernel-smp', 'kernel-debug', 'kernel-unsupported'],
    ...['kernel-source', 'kernel-devel', 'kernel-PAE', 'kernel-PAE-debug', 'linux-image'],
    ...['rhev-hypervisor6', 'ovirt-node'],
  ],
  limit: 0,
};

/** One version of a package that is installed. */
export interface InstalledPackage {
  /** From 1 up; given at the installation and to nothing else of the host. */
  readonly number: number;
  readonly name: string;
  readonly version: string;
  readonly kind: SoftwareKind;
  /** In simulated ms; at most 0 for what was there before. */
  readonly installedMs: number;
}

/** The software of a host. */
export interface HostSoftware {
  readonly policy: PackagePolicy;
  /** In the order of their installation. */
  readonly packages: readonly InstalledPackage[];
  /** Numbers given so far. */
  readonly issued: number;
  /** What the host runs, of each kind that can be booted; still what it is when its package has gone. */
  readonly booted: Readonly<Partial<Record<BootKind, InstalledPackage>>>;
  /** Numbers of what the next boot takes. */
  readonly next: Readonly<Partial<Record<BootKind, number>>>;
  /** When something was last installed or erased, in simulated ms: once for all of one transaction. */
  readonly changedMs: number;
}

/** What a transaction leaves, with what its user should know. */
export interface SoftwareOutcome {
  readonly software: HostSoftware;
  readonly warnings: readonly string[];
}

/** What a new host has installed; the first of each kind is booted. Throws OPERATION_INVALID without a kernel. */
export function firstSoftware(
  specs: readonly PackageSpec[],
  policy: PackagePolicy,
  nowMs: number,
): HostSoftware {
  const packages = specs.map((spec, i) => ({
    ...{ number: i + 1, name: spec.name, version: spec.version },
    ...{ kind: spec.kind ?? kindOf(spec.name), installedMs: nowMs },
  }));
  const booted: Partial<Record<BootKind, InstalledPackage>> = {};
  for (const kind of BOOT_KINDS) {
    const first = packages.find((one) => one.kind === kind);
    if (first) booted[kind] = first;
  }
  if (!booted.kernel)
    throw refused('a host without a kernel cannot boot; give it at least one package of the kind kernel');
  const next = Object.fromEntries(Object.entries(booted).map(([kind, { number }]) => [kind, number]));
  return { policy, packages, issued: packages.length, booted, next, changedMs: nowMs };
}

/**
 * Installs versions of packages in one transaction: beside the others where the package is install-only, in the
 * place of its other version otherwise. What can be booted is taken by the next boot.
 *
 * Throws DUPLICATE when one of them is installed, OPERATION_INVALID when none is given.
 */
export function installPackages(
  software: HostSoftware,
  specs: readonly PackageSpec[],
  nowMs: number,
): SoftwareOutcome {
  if (specs.length === 0) throw refused('there is nothing to install; give at least one package');
  const warnings: string[] = [];
  let next = { ...software, changedMs: nowMs };
  for (const spec of specs) next = install(next, spec, nowMs, warnings);
  return { software: next, warnings };
}

/** Erases an installed package. Throws OPERATION_INVALID when there is none of the number, or it is running. */
export function erasePackage(software: HostSoftware, number: number, nowMs: number): HostSoftware {
  const gone = find(software, number);
  if (isBooted(software, gone))
    throw refused(`${label(gone)} is what the host runs; boot another before it is erased`);
  return { ...without(software, [gone]), changedMs: nowMs };
}

/** Has the next boot take a package. Throws OPERATION_INVALID when none has the number, or it cannot be booted. */
export function selectPackage(software: HostSoftware, number: number): HostSoftware {
  const { kind, ...selected } = find(software, number);
  if (kind === 'package')
    throw refused(`${label(selected)} cannot be booted; select a kernel or an image of the hypervisor`);
  return { ...software, next: { ...software.next, [kind]: number } };
}

/** Boots what is selected. */
export function bootSoftware(software: HostSoftware): HostSoftware {
  const booted = { ...software.booted };
  for (const kind of BOOT_KINDS) {
    const number = software.next[kind];
    if (number !== undefined) booted[kind] = find(software, number);
  }
  return { ...software, booted };
}

/** Whether the host runs it. */
export function isBooted({ booted }: HostSoftware, { kind, number }: InstalledPackage): boolean {
  return kind !== 'package' && booted[kind]?.number === number;
}

/** The version of a package that was installed last, whatever its number: what a link to the newest shows. */
export function latestOf({ packages }: HostSoftware, name: string): InstalledPackage | undefined {
  return packages.findLast((one) => one.name === name);
}

/** Whether other versions of the package stay when one is installed. */
export function isInstallOnly({ policy }: HostSoftware, name: string): boolean {
  return policy.installOnly.includes(name);
}

function install(software: HostSoftware, spec: PackageSpec, nowMs: number, warnings: string[]): HostSoftware {
  const { name, version } = spec;
  const others = software.packages.filter((one) => one.name === name);
  const present = others.find((one) => one.version === version);
  if (present) {
    throw new VirtsnmpError(
      'DUPLICATE',
      `${label(present)} is installed already, as number ${present.number}; select it, or install another version`,
    );
  }
  const kind = spec.kind ?? others[0]?.kind ?? kindOf(name);
  const number = software.issued + 1;
  const installed = { number, name, version, kind, installedMs: nowMs };
  const replaced = isInstallOnly(software, name) ? beyondLimit(software, others) : others;
  const runs = replaced.find((one) => isBooted(software, one));
  if (runs) {
    warnings.push(
      `${label(installed)} took the place of ${label(runs)}, which the host runs: ${name} is not among the install-only packages`,
    );
  }
  const rest = without(software, replaced);
  const next = kind === 'package' ? rest.next : { ...rest.next, [kind]: number };
  return { ...rest, packages: [...rest.packages, installed], issued: number, next };
}

/** The oldest versions that have to go so that one more fits the limit; what is booted stays. */
function beyondLimit(software: HostSoftware, versions: readonly InstalledPackage[]): InstalledPackage[] {
  const { limit } = software.policy;
  if (limit === 0) return [];
  const surplus = Math.max(0, versions.length + 1 - limit);
  return versions.filter((one) => !isBooted(software, one)).slice(0, surplus);
}

/** A kind of which the selected one has gone boots what it runs, or else what was installed last. */
function without(software: HostSoftware, gone: readonly InstalledPackage[]): HostSoftware {
  const packages = software.packages.filter((one) => !gone.includes(one));
  const next = { ...software.next };
  for (const kind of BOOT_KINDS) {
    if (packages.some(({ number }) => number === next[kind])) continue;
    const candidates = packages.filter((one) => one.kind === kind);
    const successor = candidates.find((one) => isBooted(software, one)) ?? candidates.at(-1);
    if (successor) next[kind] = successor.number;
    else delete next[kind];
  }
  return { ...software, packages, next };
}

function find({ packages }: HostSoftware, number: number): InstalledPackage {
  const found = packages.find((one) => one.number === number);
  if (found) return found;
  const known = packages.map((one) => one.number).join(', ');
  throw refused(`no package has number ${number}; installed are ${known}`);
}

function kindOf(name: string): SoftwareKind {
  return /^(kernel|linux-image)(?!-(source|devel|headers|doc))/.test(name) ? 'kernel' : 'package';
}

function label({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}-${version}`;
}

function refused(message: string): VirtsnmpError {
  return new VirtsnmpError('OPERATION_INVALID', message);
}
