import type { Profile } from '../lifecycle/story.ts';
import type { Consequence, Outcome } from './consequence.ts';

/** The guest agent's channel of one domain (`<channel><target name='org.qemu.guest_agent.0'/>`). */
export interface GuestAgentConfig {
  /** The domain has the channel. */
  readonly channel: boolean;
  /** The guest has the agent installed and started at boot. */
  readonly installed: boolean;
  /** The agent that died is started again after this many guest ms; absent: it stays away. */
  readonly restartMs?: number;
}

/** The agent as libvirt sees it. Immutable; times are guest ms. */
export interface GuestAgent {
  readonly config: GuestAgentConfig;
  readonly connected: boolean;
  /** Since when `connected` is what it is. */
  readonly sinceMs: number;
  /** Times that it connected since the emulator was started. */
  readonly connects: number;
  /** When the guest's init starts it again; absent when nothing is to come. */
  readonly dueMs?: number;
}

/** An agent's channel that nobody has opened yet. */
export function createGuestAgent(config: GuestAgentConfig, nowMs: number): GuestAgent {
  return { config, connected: false, sinceMs: nowMs, connects: 0 };
}

/** libvirt of RHEL 6 (0.10) has no AGENT_LIFECYCLE event: it came with 1.2.11. */
function tell(
  profile: Profile,
  state: 'CONNECTED' | 'DISCONNECTED',
  reason: 'DOMAIN_STARTED' | 'CHANNEL',
): readonly Consequence[] {
  if (profile === 'rhel6') return [];
  return [{ kind: 'event', event: { event: 'AGENT_LIFECYCLE', state, reason } }];
}

/**
 * The agent opens its channel: the guest has booted, or was brought here booted (`started`).
 *
 * Nothing happens without a channel, without an agent, or when it is connected already.
 */
export function agentConnects(
  agent: GuestAgent,
  nowMs: number,
  profile: Profile,
  started = false,
): Outcome<GuestAgent> {
  const { config } = agent;
  if (agent.connected || !config.channel || !config.installed) return { record: agent, consequences: [] };
  return {
    record: { config, connected: true, sinceMs: nowMs, connects: agent.connects + 1 },
    consequences: tell(profile, 'CONNECTED', started ? 'DOMAIN_STARTED' : 'CHANNEL'),
  };
}

/**
 * The channel closes in the guest: the agent died (`restarts`), or the guest goes down or resets.
 *
 * Not for the end of the emulator, of which libvirt tells STOPPED alone.
 */
export function agentDisconnects(
  agent: GuestAgent,
  nowMs: number,
  profile: Profile,
  restarts = false,
): Outcome<GuestAgent> {
  const { config, connects } = agent;
  const due = restarts && config.restartMs !== undefined ? { dueMs: nowMs + config.restartMs } : {};
  if (!agent.connected) {
    // A guest that goes down takes its init's plan to start the agent along.
    if (restarts || agent.dueMs === undefined) return { record: agent, consequences: [] };
    return { record: { config, connected: false, sinceMs: agent.sinceMs, connects }, consequences: [] };
  }
  return {
    record: { config, connected: false, sinceMs: nowMs, connects, ...due },
    consequences: tell(profile, 'DISCONNECTED', 'CHANNEL'),
  };
}

/** Starts the agent again when that is due by `nowMs`. */
export function advanceAgent(agent: GuestAgent, nowMs: number, profile: Profile): Outcome<GuestAgent> {
  if (agent.dueMs === undefined || agent.dueMs > nowMs) return { record: agent, consequences: [] };
  return agentConnects(agent, agent.dueMs, profile);
}
