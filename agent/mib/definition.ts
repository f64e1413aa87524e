/**
 * Types of the generated module definitions in `agent/mib/generated`.
 *
 * A definition holds what an agent needs of an SMIv2 module (RFC 2578): names, OIDs, types, access and
 * indexes. Textual conventions (RFC 2579) are resolved to their base type. Records keep the order of the
 * OIDs. The files are written by `generate.ts` from the texts in `mibs/` and are never edited by hand.
 */

/**
 * Base types of SMIv2, RFC 2578 section 7.1.
 *
 * `INTEGER`, enumerated or not, is `Integer32`. `Unsigned32` and `Gauge32` share one tag on the wire but
 * keep their names here, because a gauge is clamped at its maximum and an unsigned value isn't.
 */
export type BaseSyntax =
  | 'Integer32'
  | 'Unsigned32'
  | 'Gauge32'
  | 'Counter32'
  | 'Counter64'
  | 'TimeTicks'
  | 'OctetString'
  | 'ObjectIdentifier'
  | 'IpAddress'
  | 'Opaque'
  | 'Bits';

/** Lowest and highest value or size allowed, both inclusive. */
export type Bounds = readonly [min: number, max: number];

/** Syntax of an object, with its textual conventions resolved to a base type. */
export interface ObjectSyntax {
  readonly base: BaseSyntax;
  /** Name of the outermost textual convention, such as `DisplayString` or `RowStatus`. */
  readonly convention?: string;
  /** Ranges that a number must fall in; absent when the module states none beyond the base type's. */
  readonly ranges?: readonly Bounds[];
  /** Sizes in octets that a string must have; absent when 0 to 65535 octets are allowed. */
  readonly sizes?: readonly Bounds[];
  /** Named numbers of an enumerated `Integer32`, or bit positions (0 is the first) of `Bits`. */
  readonly enums?: Readonly<Record<string, number>>;
  /** `DISPLAY-HINT` of the textual convention that gives one, RFC 2579 section 3.1. */
  readonly displayHint?: string;
}

/** `MAX-ACCESS` of an object, RFC 2578 section 7.3. */
export type MaxAccess =
  | 'not-accessible'
  | 'accessible-for-notify'
  | 'read-only'
  | 'read-write'
  | 'read-create';

/** `STATUS` of a definition, RFC 2578 section 7.4. */
export type DefinitionStatus = 'current' | 'deprecated' | 'obsolete';

/** A scalar object. */
export interface ScalarDefinition {
  /** OID of the object type; its only instance is this followed by 0. */
  readonly oid: readonly number[];
  readonly syntax: ObjectSyntax;
  readonly access: MaxAccess;
  readonly status: DefinitionStatus;
  /** `UNITS` text, such as `MiB`. */
  readonly units?: string;
}

/** A columnar object; the same shape as a scalar, with the column's OID. */
export type ColumnDefinition = ScalarDefinition;

/** One object of an `INDEX` clause, in the order of the clause. */
export interface IndexDefinition {
  /** Name of the index object. */
  readonly name: string;
  /** Module that defines the object, when it is another one. */
  readonly module?: string;
  /** True when the clause says `IMPLIED`: a variable-length value without its length, RFC 2578 section 7.7. */
  readonly implied: boolean;
  /** Syntax of the index object, repeated here because it may be a column of another table or module. */
  readonly syntax: ObjectSyntax;
}

/** A conceptual table with its row and columns. */
export interface TableDefinition {
  /** OID of the table. */
  readonly oid: readonly number[];
  /** OID of the row (entry); a column's OID is this followed by the column's number. */
  readonly entry: readonly number[];
  /** Name of the row object, such as `ifEntry`. */
  readonly entryName: string;
  readonly status: DefinitionStatus;
  /** Index objects; those of the augmented table when there is an `AUGMENTS` clause. */
  readonly index: readonly IndexDefinition[];
  /** Name of the row that an `AUGMENTS` clause names, such as `ifEntry`. */
  readonly augments?: string;
  /** Columns by name, in the order of their numbers, index columns included. */
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
}

/** A notification, RFC 2578 section 8. */
export interface NotificationDefinition {
  /** Value of `snmpTrapOID.0` when it is sent. */
  readonly oid: readonly number[];
  /** Names of the objects it carries, in order; they may belong to another module. */
  readonly objects: readonly string[];
  readonly status: DefinitionStatus;
}

/** What an agent needs to know of one SMIv2 module. */
export interface ModuleDefinition {
  /** Name of the module, such as `SNMPv2-MIB`. */
  readonly name: string;
  /** OID of the module's `MODULE-IDENTITY`. */
  readonly oid: readonly number[];
  /** `LAST-UPDATED` as it stands in the module: `YYYYMMDDhhmmZ`. */
  readonly lastUpdated: string;
  readonly scalars: Readonly<Record<string, ScalarDefinition>>;
  readonly tables: Readonly<Record<string, TableDefinition>>;
  readonly notifications: Readonly<Record<string, NotificationDefinition>>;
  /** OIDs of every other name: nodes, identities, groups, compliances. */
  readonly nodes: Readonly<Record<string, readonly number[]>>;
}
