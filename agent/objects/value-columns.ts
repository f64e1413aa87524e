/** How the columns end that have the values of a notification's variables, each of one type (RFC 3014, RFC 3877). */
const ENDS = [
  'Counter32Val',
  'Unsigned32Val',
  'TimeTicksVal',
  'Integer32Val',
  'IpAddressVal',
  'OctetStringVal',
  'OidVal',
  'Counter64Val',
  'OpaqueVal',
];

/** The columns of a table of variables, whose names begin alike, with the VALUE_TYPES of the values in them: 1 to 9. */
export function valueColumns(beginning: string): readonly (readonly [column: string, type: number])[] {
  return ENDS.map((end, i) => [beginning + end, i + 1]);
}
