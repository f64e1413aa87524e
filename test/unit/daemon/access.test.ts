import { describe, expect, it } from 'vitest';
import { Vacm } from '../../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../../agent/access/vacm-rows.ts';
import type { Config } from '../../../agent/config/schema.ts';
import { communityConfigs, vacmConfiguration } from '../../../agent/daemon/access.ts';
import { targetConfiguration } from '../../../agent/daemon/targets.ts';
import { DESTINATION, testConfig } from '../../support/running-daemon.ts';

function configured(sent: readonly string[]): Config {
  const config = testConfig();
  const destinations = sent.map((community) => ({ ...DESTINATION, host: '192.0.2.1', community }));
  return { ...config, traps: { ...config.traps, destinations } };
}

describe('whose name a trap is sent in', () => {
  const config = configured(['private', 'theirs', 'public', 'others', 'theirs']);
  const names = targetConfiguration(config).params.map(({ securityName }) => securityName);

  it('is that of the agent’s own community, or one for each other community', () => {
    expect(communityConfigs(config).map(({ name }) => name)).toEqual(['public', 'private']);
    expect(names).toEqual([
      'community-2',
      'trap-community-1',
      'community-1',
      'trap-community-2',
      'trap-community-1',
    ]);
  });

  it.each(['v1', 'v2c'] as const)('is one that may be told all that monitoring shows, %s', (version) => {
    const vacm = new Vacm();
    vacm.configure(vacmConfiguration(config));
    for (const securityName of names) {
      const request = {
        securityModel: SECURITY_MODEL[version],
        securityName,
        securityLevel: SECURITY_LEVEL.noAuthNoPriv,
        contextName: '',
      };
      expect(vacm.isAccessAllowed({ ...request, viewType: 'notify' })).toEqual({
        view: vacm.view('monitoring'),
      });
    }
  });
});
