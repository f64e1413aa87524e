import { networkInterfaces } from 'node:os';

const own = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
const hasIpv6 = own.some(({ address }) => address === '::1');
if (!hasIpv6) console.warn('skipped: tests over IPv6, because this machine has no ::1');

/** Loopback addresses of this machine: 127.0.0.1, and ::1 where there is IPv6. */
export const LOOPBACKS: readonly string[] = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
