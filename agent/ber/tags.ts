/** BER identifier octets that SNMP uses (X.690 section 8.1.2, RFC 2578 section 7.1, RFC 3416 section 3). */
export const TAG = {
  INTEGER: 0x02,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  SEQUENCE: 0x30,
  IP_ADDRESS: 0x40,
  COUNTER32: 0x41,
  GAUGE32: 0x42,
  TIME_TICKS: 0x43,
  OPAQUE: 0x44,
  COUNTER64: 0x46,
  NO_SUCH_OBJECT: 0x80,
  NO_SUCH_INSTANCE: 0x81,
  END_OF_MIB_VIEW: 0x82,
} as const;

/** A sub-identifier is at most 2^32-1 (RFC 2578 section 3.5). */
export const MAX_SUBID = 0xffff_ffff;

/** An object identifier has at most 128 sub-identifiers (RFC 2578 section 3.5). */
export const MAX_SUBIDS = 128;
