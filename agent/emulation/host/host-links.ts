import { VirtsnmpError } from '../../util/errors.ts';
import { type Core, together, touch, touchHost } from '../core.ts';
import type { Plan } from '../domain/definitions.ts';
import type { Segment } from '../net/segment.ts';
import type { Uplink } from '../net/uplink.ts';
import { type Host, hostFieldsOf } from './host.ts';
import type { HostResources } from './host-resources.ts';

/** A physical NIC, and what it is an uplink of: a segment by itself, or as a slave of the segment's bond. */
export interface HostUplink {
  readonly segment: Segment;
  readonly nic: Uplink;
}

/** Every physical NIC of every segment, in the order of the segments; one of several macvtap modes comes for each. */
export function uplinksOf({ segments }: Pick<Host, 'segments'>): HostUplink[] {
  return Array.from(segments, (segment) =>
    (segment.uplink?.nics ?? []).map((nic): HostUplink => ({ segment, nic })),
  ).flat();
}

/**
 * The name of the physical NIC that is meant: by its own name, or by that of a segment whose uplink it is; of a bond
 * the first slave, and the host's first without a name. `undefined` when there is none.
 */
export function nicNamed(
  host: Pick<Host, 'segments'>,
  { bridge, uplink }: { readonly bridge?: string; readonly uplink?: string },
): string | undefined {
  return uplinksOf(host).find(
    ({ segment, nic }) =>
      (bridge === undefined || segment.config.name === bridge) &&
      (uplink === undefined || nic.config.name === uplink),
  )?.nic.config.name;
}

/** Plans that the cable of a NIC is pulled or put in; `name`: the NIC's, or that of a segment whose uplink it is. */
export function planCable(
  core: Core,
  host: Host,
  { uplink: name, up }: { uplink: string; up: boolean },
): Plan {
  const nic = nicNamed(host, { bridge: name }) ?? nicNamed(host, { uplink: name }) ?? pulledNic(host, name);
  if (nic === undefined) {
    const known = [...host.segments].filter(({ uplink }) => uplink).map(({ config }) => config.name);
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `host ${host.name}: no segment ${name} with an uplink; there are ${known.join(', ') || 'none'}`,
    );
  }
  return () => changeLinks(core, host, (resources, nowMs) => resources.setLink(nic, { cable: up }, nowMs));
}

/** A NIC whose cable is out, and that nothing has used since the host booted. */
function pulledNic({ engine }: Host, name: string): string | undefined {
  return engine.host.links.get(name)?.cable === false ? name : undefined;
}

/** Plans that the host has a NIC, bond or bridge on or off. */
export function planInterface(
  core: Core,
  host: Host,
  { interface: name, up }: { interface: string; up: boolean },
): Plan {
  const known = [...host.segments].flatMap(({ config, uplink, bond }) => [
    ...(config.kind === 'bridge' ? [config.name] : []),
    ...(bond ? [bond.config.name] : []),
    ...(uplink?.nics ?? []).map((nic) => nic.config.name),
  ]);
  if (!known.includes(name)) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `host ${host.name}: no bridge and no NIC ${name}; there are ${[...new Set(known)].join(', ')}`,
    );
  }
  return () => changeLinks(core, host, (resources, nowMs) => resources.setInterface(name, up, nowMs));
}

/** Changes something about the links of a host: what its guests move is planned anew, and bonds notice in time. */
export function changeLinks(
  core: Core,
  host: Host,
  change: (resources: HostResources, nowMs: number) => void,
): void {
  touchHost(core, host);
  // All that run are planned anew, so that all have to be put back when this is undone.
  for (const domain of host.domains) touch(core, domain);
  host.engine.changeLinks(change, core.ticker.rest());
  watchLinks(core, host);
}

/** Wakes when the first of the host's bonds has something to notice. */
export function watchLinks(core: Core, host: Host): void {
  const fields = hostFieldsOf(host);
  const due = host.engine.host.linksDueMs;
  if (due === undefined && fields.linkTimer === undefined) return;
  touchHost(core, host);
  fields.linkTimer?.cancel();
  fields.linkTimer =
    due === undefined
      ? undefined
      : core.clock.schedule(due, () =>
          together(core, 'host', () =>
            changeLinks(core, host, (resources, nowMs) => resources.settleLinks(nowMs)),
          ),
        );
}
