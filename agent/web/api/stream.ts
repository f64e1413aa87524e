import { reachable } from './request.ts';
import { authorization, tokenWanted } from './token.ts';

/** One entry of the stream. */
export interface StreamEntry {
  readonly topic: string;
  readonly data: string;
}

const RETRY_MS = 2000;

/**
 * Follows GET /events, beginning `tail` entries back, until `signal` ends it; after a loss it goes on where it was.
 *
 * By fetch and not by EventSource, which cannot send a token.
 */
export async function follow(
  tail: number,
  signal: AbortSignal,
  tell: (entry: StreamEntry) => void,
): Promise<void> {
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      const headers = { ...authorization(), ...(last !== undefined && { 'Last-Event-ID': last }) };
      const response = await fetch(`/events?tail=${tail}`, { headers, signal });
      if (response.status === 401) {
        tokenWanted.value = true;
        return;
      }
      reachable.value = true;
      for await (const { id, topic, data } of entriesOf(response.body!)) {
        last = id ?? last;
        tell({ topic, data });
      }
    } catch {
      if (signal.aborted) return;
      reachable.value = false;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Server-sent events as the HTML standard has them, as far as this API writes them. */
async function* entriesOf(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<StreamEntry & { readonly id: string | undefined }> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map<string, string>();
      for (const line of block.split('\n')) {
        const at = line.indexOf(': ');
        if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
      }
      const data = fields.get('data');
      if (data !== undefined) yield { id: fields.get('id'), topic: fields.get('event') ?? 'message', data };
    }
  }
}
