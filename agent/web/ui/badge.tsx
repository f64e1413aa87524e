const STATE_WORDS: Readonly<Record<string, string>> = {
  RUNNING: 'running',
  BLOCKED: 'blocked',
  NOSTATE: 'no state',
  PAUSED: 'paused',
  SHUTDOWN: 'shutting down',
  SHUTOFF: 'shut off',
  CRASHED: 'crashed',
  PMSUSPENDED: 'suspended',
};

/** A word of the page for a state of the API. */
export function stateWord(state: string): string {
  return STATE_WORDS[state] ?? state.toLowerCase();
}

/** A guest's state: by colour and by word. */
export function StateBadge({ state, reason }: { readonly state: string; readonly reason?: string }) {
  return (
    <span class={`badge state-${state.toLowerCase()}`} title={reason}>
      <span class="dot" aria-hidden="true" />
      {stateWord(state)}
    </span>
  );
}

/** How bad an alarm is, or how something went: by colour and by word. */
export function Badge({ tone, children }: { readonly tone: string; readonly children: string }) {
  return (
    <span class={`badge tone-${tone}`}>
      <span class="dot" aria-hidden="true" />
      {children}
    </span>
  );
}
