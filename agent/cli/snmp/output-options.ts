/** How values and names are printed: the options of Net-SNMP's `-O`. */
export interface OutputOptions {
  /** `n`: identifiers in numbers. */
  readonly numeric: boolean;
  /** `s`: names without their module. */
  readonly suffix: boolean;
  /** `b`: indexes in numbers. */
  readonly plainIndex: boolean;
  /** `e`: numbers instead of the names of numbers. */
  readonly numericEnums: boolean;
  /** `q`: no types, and a blank instead of the equals sign. */
  readonly quick: boolean;
  /** `Q`: no types. */
  readonly quickEquals: boolean;
  /** `t`: times as hundredths of a second. */
  readonly rawTicks: boolean;
  /** `U`: no units. */
  readonly noUnits: boolean;
  /** `v`: values alone. */
  readonly valueOnly: boolean;
  /** `x`: strings without a DISPLAY-HINT in hexadecimal. */
  readonly hex: boolean;
}

/** The letters that `-O` takes, and what each does. */
export const OUTPUT_LETTERS = {
  n: 'numeric',
  s: 'suffix',
  b: 'plainIndex',
  e: 'numericEnums',
  q: 'quick',
  Q: 'quickEquals',
  t: 'rawTicks',
  U: 'noUnits',
  v: 'valueOnly',
  x: 'hex',
} as const satisfies Readonly<Record<string, keyof OutputOptions>>;

/** Reads the letters of `-O`; `S`, names with their module, is how it is anyway. Returns a letter that it is not. */
export function readOutputOptions(letters: string): OutputOptions | { readonly unknown: string } {
  const given = new Set<keyof OutputOptions>();
  for (const letter of letters) {
    const option = OUTPUT_LETTERS[letter as keyof typeof OUTPUT_LETTERS];
    if (option) given.add(option);
    else if (letter !== 'S') return { unknown: letter };
  }
  return Object.fromEntries(
    Object.values(OUTPUT_LETTERS).map((option) => [option, given.has(option)]),
  ) as unknown as OutputOptions;
}
