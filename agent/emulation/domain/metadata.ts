import { VirtsnmpError } from '../../util/errors.ts';
import type { MetadataChange } from '../change.ts';
import { type Core, emitRaised, touch } from '../core.ts';
import { type Plan, refuseGone } from './definitions.ts';
import { fieldsOf } from './domain.ts';

/** Plans {@link MetadataChange}: at once in the definition in effect and in the one to come (virDomainSetMetadata). */
export function planMetadata(core: Core, change: MetadataChange): Plan {
  const { domain, title, description, affects } = change;
  refuseGone(domain);
  if (title?.includes('\n'))
    throw new VirtsnmpError(
      'DOMAIN_INVALID',
      `domain ${domain.name}: a title is one line, without a line break`,
    );
  const texts = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
  return () => {
    touch(core, domain);
    const fields = fieldsOf(domain);
    if (domain.isActive && fields.persistent && affects) fields.nextConfig ??= fields.config;
    if (affects !== 'config' || !domain.isActive)
      fields.config = Object.freeze({ ...fields.config, ...texts });
    if (fields.nextConfig && affects !== 'live')
      fields.nextConfig = Object.freeze({ ...fields.nextConfig, ...texts });
    if (title !== undefined) emitRaised(core, domain, { event: 'METADATA_CHANGE', type: 'TITLE', uri: '' });
    if (description !== undefined)
      emitRaised(core, domain, { event: 'METADATA_CHANGE', type: 'DESCRIPTION', uri: '' });
  };
}
