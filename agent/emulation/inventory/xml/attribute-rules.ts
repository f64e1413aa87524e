/**
 * What libvirt wants of the attributes of one kind of element: its path below `<domain>`, the `type` of the
 * device that it holds for (empty: any), and one rule for each attribute.
 *
 * A rule is a list of values `a|b|c`, or one of `onoff`, `yesno`, `uint` (32 bits, decimal), `hex` (the same in any
 * base), `int` (32 bits, signed, any base), `cpus` (a set such as 0-3,^2). `!` before it: libvirt insists on the
 * attribute. `?` before it: an empty value is as an absent attribute.
 */
export type AttributeRules = readonly [path: string, type: string, rules: Readonly<Record<string, string>>];
