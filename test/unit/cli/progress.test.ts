import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progress } from '../../../agent/cli/progress.ts';

/** A stream that keeps what is written to it, as a terminal or as none. */
function sink(isTTY: boolean): { readonly stream: NodeJS.WritableStream; readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 80 }), text: () => text };
}

describe('progress', () => {
  it('is at most ten lines where there is no terminal', () => {
    const { stream, text } = sink(false);
    const told = progress(250, 'domains read', stream);
    for (let n = 0; n <= 250; n++) told.at(n);
    told.end();
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('domains read: 25 of 250');
    expect(lines.at(-1)).toBe('domains read: 250 of 250');
  });

  it('is one line for each where there are few', () => {
    const { stream, text } = sink(false);
    const told = progress(2, 'domains read', stream);
    for (const n of [0, 1, 1, 2]) told.at(n);
    told.end();
    expect(text()).toBe('domains read: 1 of 2\ndomains read: 2 of 2\n');
  });

  it('is a bar on a terminal, without control of the cursor once it is over', () => {
    const { stream, text } = sink(true);
    const told = progress(4, 'domains read', stream);
    told.at(2);
    told.end();
    const drawn = text();
    expect(drawn).toContain('domains read');
    expect(drawn).toMatch(/#+\.+ 2\/4/);
    // Neither hidden (DECTCEM) nor without line breaks (DECAWM).
    expect(drawn).not.toContain('\u001b[?25l');
    expect(drawn).not.toContain('\u001b[?7l');
  });

  it('says nothing of nothing', () => {
    const { stream, text } = sink(true);
    const told = progress(0, 'domains read', stream);
    told.end();
    expect(text()).toBe('');
  });
});
