/** Pages that one virtio-balloon request moves at most (Linux virtio_balloon.c): 1 MiB. */
export const VIRTIO_REQUEST_PAGES = 256;
/** Frames that one Xen hypercall moves at most (Linux drivers/xen/balloon.c): 2 MiB. */
export const XEN_REQUEST_PAGES = 512;
/** The virtio driver tries again so long after it got no page. */
export const VIRTIO_RETRY_MS = 200;
/** The Xen driver tries again so long after it failed. */
export const XEN_RETRY_MS = 1000;

/** Requests that moving so many pages takes: the last may be smaller. */
export function requestsFor(pages: number, requestPages: number): number {
  return Math.ceil(pages / requestPages);
}

/** Pages that were moved once `done` requests of a plan are through. */
export function pagesAfter(done: number, planned: number, requestPages: number): number {
  return Math.min(planned, done * requestPages);
}

/**
 * The target that Xen's balloon driver works towards: min(target, current + ballooned).
 *
 * It can only bring back what it took out (emulation facts, section 3.3); all in pages.
 */
export function effectiveXenTarget(target: number, current: number, ballooned: number): number {
  return Math.min(target, current + ballooned);
}

/** Pages to inflate (above 0) or deflate (below 0) in a span, as far as requests per second allow. */
export function balloonStep(
  target: number,
  actual: number,
  requestPages: number,
  requestsPerSecond: number,
  spanMs: number,
): number {
  const most = Math.floor((requestsPerSecond * spanMs) / 1000) * requestPages;
  return Math.max(-most, Math.min(most, target - actual));
}
