import { z } from '@hono/zod-openapi';
import type { Host } from '../emulation/host/host.ts';

/** A name of a served module's tree. */
export const mibObjectSchema = z
  .object({
    name: z.string(),
    oid: z.string(),
    module: z.string(),
    kind: z.enum(['node', 'scalar', 'table', 'row', 'column', 'notification']),
    syntax: z.string().optional().openapi({ description: 'Its textual convention or base type' }),
    access: z.string().optional().openapi({ description: 'MAX-ACCESS' }),
    status: z.string().optional(),
    units: z.string().optional(),
    values: z.record(z.string(), z.int()).optional().openapi({ description: 'Named numbers or bits' }),
    index: z.array(z.string()).optional().openapi({ description: 'Of a table: its index objects' }),
    carries: z.array(z.string()).optional().openapi({ description: 'Of a notification: its objects' }),
    description: z.string().optional(),
  })
  .openapi('MibObject');

/** What {@link mibObjectSchema} describes. */
export type MibObject = z.output<typeof mibObjectSchema>;

/** One instance as a manager would be told it. */
export const mibInstanceSchema = z
  .object({
    oid: z.string(),
    object: z.string().openapi({ description: 'Name of its object type' }),
    index: z.string().openapi({ description: 'What stands behind the object; 0 for a scalar' }),
    row: z.string().openapi({ description: 'The index by the syntax of its objects; empty for a scalar' }),
    value: z.string().openapi({ description: 'By its DISPLAY-HINT and its named numbers' }),
  })
  .openapi('MibInstance');

/** What {@link mibInstanceSchema} describes. */
export type MibInstance = z.output<typeof mibInstanceSchema>;

/** What hosts' SNMP agents serve, as the composition root lets it be looked at. */
export interface MibSource {
  /** Every name of the served modules, in the order of their object identifiers. */
  readonly objects: readonly MibObject[];
  /**
   * Of each subtree the first `count` instances; only those whose index is behind `after` when that is given.
   * Object identifiers and index in dotted decimal. `undefined` when one of them is not an object identifier.
   */
  read(
    host: Host,
    subtrees: readonly string[],
    after: string | undefined,
    count: number,
  ): MibInstance[] | undefined;
  /** Flags and address by which Net-SNMP's tools reach a host: `-v2c -c public 127.0.0.1:1161`. */
  reach(host: Host): string;
}
