/** What is used of the package des.js, which has no types of its own. */
declare module 'des.js' {
  interface CipherOptions {
    readonly type: 'encrypt' | 'decrypt';
    /** 8 octets; the parity bits are ignored. */
    readonly key: ArrayLike<number>;
    /** 8 octets. */
    readonly iv: ArrayLike<number>;
    /** With `false` the data must be a multiple of 8 octets. */
    readonly padding: boolean;
  }

  interface Cipher {
    update(data: ArrayLike<number>): number[];
    final(): number[];
  }

  /** The bare block cipher. */
  export const DES: unknown;
  export const CBC: { instantiate(base: unknown): { create(options: CipherOptions): Cipher } };
}
