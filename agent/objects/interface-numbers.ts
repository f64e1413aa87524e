/** By which numbers IF-MIB knows the interfaces of a host. */
export interface InterfaceNumbers {
  /** ifIndex of an interface by its name; `undefined` when it has none. */
  indexOf(name: string): number | undefined;
}
