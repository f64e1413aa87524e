import { VirtsnmpError } from '../../util/errors.ts';

/** An installed image of the hypervisor. Images are install-only: another one comes beside it. */
export interface SoftwareImage {
  /** From 1 up; given at the installation and to no other image of the host. */
  readonly number: number;
  readonly name: string;
  readonly version: string;
  /** In simulated ms; at most 0 for what was there before. */
  readonly installedMs: number;
}

/** The images of a host, of which exactly one is booted. */
export interface SoftwareImages {
  /** In the order of their installation. */
  readonly images: readonly SoftwareImage[];
  /** Number of the image that the host runs. */
  readonly booted: number;
  /** Number of the image that the next boot takes. */
  readonly next: number;
  /** When one was last installed, in simulated ms. */
  readonly changedMs: number;
}

/** What a new host has installed; the first is booted. Throws OPERATION_INVALID when there is none. */
export function firstImages(
  images: readonly { readonly name: string; readonly version: string }[],
  nowMs: number,
): SoftwareImages {
  if (images.length === 0)
    throw new VirtsnmpError('OPERATION_INVALID', 'a host without an image cannot boot; give it at least one');
  const installed = images.map(({ name, version }, i) => ({
    number: i + 1,
    name,
    version,
    installedMs: nowMs,
  }));
  return { images: installed, booted: 1, next: 1, changedMs: nowMs };
}

/** Installs an image beside the others, for the next boot. Throws DUPLICATE when the host has it. */
export function installImage(
  software: SoftwareImages,
  { name, version }: { readonly name: string; readonly version: string },
  nowMs: number,
): SoftwareImages {
  const present = software.images.find((image) => image.name === name && image.version === version);
  if (present) {
    throw new VirtsnmpError(
      'DUPLICATE',
      `image ${name}-${version} is installed already, as number ${present.number}; select it, or install another version`,
    );
  }
  const number = software.images.at(-1)!.number + 1;
  const images = [...software.images, { number, name, version, installedMs: nowMs }];
  return { ...software, images, next: number, changedMs: nowMs };
}

/** Has the next boot take an image. Throws OPERATION_INVALID when no image has the number. */
export function selectImage(software: SoftwareImages, number: number): SoftwareImages {
  if (!software.images.some((image) => image.number === number)) {
    const known = software.images.map((image) => image.number).join(', ');
    throw new VirtsnmpError('OPERATION_INVALID', `no image has number ${number}; installed are ${known}`);
  }
  return { ...software, next: number };
}

/** Boots the image that is selected. */
export function bootImage(software: SoftwareImages): SoftwareImages {
  return { ...software, booted: software.next };
}
