import { z } from 'zod';
import { isAddress, isHost } from './address.ts';
import { integer, list, option, section, text } from './fields.ts';

const address = z
  .string({ error: 'an IPv4 or IPv6 address' })
  .refine(isAddress, { error: 'an IPv4 or IPv6 address' });

const name = z.string({ error: 'a host name' }).refine(isHost, { error: 'a host name' });

/** The section `control`: the HTTP API and the web console. */
export const control = section({
  listen: option(list(address, 16, 'IPv4 or IPv6 addresses').default(['127.0.0.1']), {
    about: 'Addresses that the HTTP API is served on; an empty list for none.',
    expected: 'an IPv4 or IPv6 address, or a list of at most 16',
    restart: true,
  }),
  port: option(integer(0, 65_535).default(8161), {
    about: 'TCP port of the HTTP API; 0 takes any free one.',
    expected: 'a whole number from 0 to 65535',
    restart: true,
  }),
  socket: option(text(1, 100).optional(), {
    about: 'Path of a Unix socket for the HTTP API, which only the owner of the process may use.',
    expected: 'a path of at most 100 octets',
    defaultText: 'none',
    env: true,
    restart: true,
  }),
  token: option(text(16, 255).optional(), {
    about: 'Secret that each request over TCP must bring as `Authorization: Bearer`; needed beyond loopback.',
    expected: 'text of 16 to 255 octets',
    defaultText: 'none: loopback may use the API',
    secret: true,
    env: true,
    restart: true,
  }),
  names: option(list(name, 100, 'host names').default([]), {
    about: 'Names that the HTTP API may be asked by, beside addresses and `localhost`.',
    expected: 'a host name, or a list of at most 100',
    restart: true,
  }),
});
