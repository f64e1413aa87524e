/** A container's definition, as far as edits treat its parts differently. Memory in bytes. */
export interface ContainerDefinition {
  readonly name: string;
  readonly uuid: string;
  /** `<os><init>` with its `<initarg>`s. */
  readonly init: readonly string[];
  /** The file system that is mounted at /. */
  readonly root: string;
  /** The namespaces that it asks for beside libvirt's own: privnet, or a namespace shared with another. */
  readonly namespaces: readonly string[];
  /** `<idmap>`, as one string; empty for none. */
  readonly idmap: string;
  readonly vcpus: number;
  /** `<memory>`. */
  readonly maxMemory: number;
  /** `<currentMemory>`: the limit that is in force, at most maxMemory. */
  readonly memory: number;
  readonly cpuShares: number;
  readonly vcpuPeriodUs: number;
  readonly vcpuQuotaUs: number;
  readonly blkioWeight: number;
  /** Devices with everything that matters of them, as strings. */
  readonly devices: readonly string[];
  readonly metadata: string;
  readonly autostart: boolean;
}

/** A part of {@link ContainerDefinition}. */
export type ContainerField = keyof ContainerDefinition;

/** What LXC's driver changes in a running container (facts, section 5). */
const LIVE: ReadonlySet<ContainerField> = new Set([
  'memory',
  'cpuShares',
  'vcpuPeriodUs',
  'vcpuQuotaUs',
  'blkioWeight',
  'devices',
  'metadata',
  'autostart',
]);

/** What becomes of each field that an edit changes. */
export interface ContainerEdit {
  /** Changed at once. */
  readonly live: readonly ContainerField[];
  /** Not changed at all, and why. */
  readonly refused: readonly { readonly field: ContainerField; readonly reason: string }[];
  /** Changed in the persistent definition only. */
  readonly atNextStart: readonly ContainerField[];
}

/** What an edit of a running container does, field by field. */
export function containerEdit(active: ContainerDefinition, wanted: ContainerDefinition): ContainerEdit {
  const live: ContainerField[] = [];
  const refused: { field: ContainerField; reason: string }[] = [];
  const atNextStart: ContainerField[] = [];
  for (const field of Object.keys(active) as ContainerField[]) {
    if (JSON.stringify(active[field]) === JSON.stringify(wanted[field])) continue;
    const reason = refusal(field, active, wanted);
    if (reason !== undefined) refused.push({ field, reason });
    else if (LIVE.has(field)) live.push(field);
    else atNextStart.push(field);
  }
  return { live, refused, atNextStart };
}

function refusal(
  field: ContainerField,
  active: ContainerDefinition,
  wanted: ContainerDefinition,
): string | undefined {
  if (field === 'maxMemory')
    return 'the maximum memory of an active container cannot be changed; stop it, or define it again';
  if (field === 'memory' && wanted.memory > active.maxMemory)
    return `memory is ${wanted.memory}; it must be at most the maximum of ${active.maxMemory} bytes`;
  return undefined;
}

/** A container after the live part of an edit. */
export function applyLive(
  active: ContainerDefinition,
  wanted: ContainerDefinition,
  { live }: ContainerEdit,
): ContainerDefinition {
  return { ...active, ...Object.fromEntries(live.map((field) => [field, wanted[field]])) };
}
