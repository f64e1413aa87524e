import type { Command } from 'commander';
import { type AffectsOptions, affectsOf, withAffects } from './affects-options.ts';
import { ApiRefusal } from './api-client.ts';
import type { ClientContext } from './context.ts';
import { EditedFile, editorOf } from './editor.ts';
import { type GuestOptions, guestPath } from './guest-commands.ts';

interface Metadata {
  readonly title: string;
  readonly description: string;
}

/** Adds the commands about a guest's definition, and about what people read of it. */
export function addDefinitionCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  context
    .guestCommand(program, 'dumpxml', 'the definition of a guest as libvirt domain XML')
    .option('--inactive', 'what its next start takes, and not what it runs with')
    .action(
      context.run(async (guest: string, { host, inactive }: GuestOptions & { inactive?: boolean }) => {
        const xml = await client().text('GET', xmlPath(context, guest, host, inactive ?? false));
        context.show({ xml }, [xml]);
      }),
    );
  context
    .guestCommand(program, 'edit', 'change the definition of a guest with $VISUAL, $EDITOR or vi')
    .action(context.run((guest: string, options: GuestOptions) => edit(context, guest, options)));
  withAffects(context.guestCommand(program, 'desc', 'show or change the description or title of a guest'))
    .argument('[text...]', 'what it is to be; empty for none')
    .option('--title', 'the title, and not the description')
    .option('--edit', 'with an editor')
    .action(
      context.run(
        async (
          guest: string,
          words: string[],
          flags: GuestOptions & AffectsOptions & { title?: boolean; edit?: boolean },
        ) => {
          const kind = flags.title ? 'title' : 'description';
          const affects = affectsOf(context, flags);
          const path = (query: Record<string, string | undefined>) =>
            context.path(`/guests/${encodeURIComponent(guest)}/metadata`, { host: flags.host, ...query });
          const isChange = words.length > 0 || flags.edit;
          const inactive = affects === 'config' ? 'true' : undefined;
          const known =
            isChange && !flags.edit ? undefined : await client().get<Metadata>(path({ inactive }));
          if (!isChange) {
            const text = known![kind];
            context.show({ [kind]: text }, [text === '' ? `No ${kind} for domain: ${guest}` : text, '']);
            return;
          }
          const text = flags.edit ? await editText(known![kind]) : words.join(' ');
          if (text === known?.[kind]) {
            context.say(`Domain ${kind} not changed`, { changed: false });
            return;
          }
          await client().send('PATCH', path({ affects }), { [kind]: text });
          context.say(`Domain ${kind} updated successfully`, { [kind]: text });
        },
      ),
    );
}

function xmlPath(context: ClientContext, guest: string, host: string | undefined, inactive: boolean): string {
  const query = { host, inactive: inactive ? 'true' : undefined };
  return context.path(`/guests/${encodeURIComponent(guest)}/xml`, query);
}

/** A text that an editor has changed, without the line break that it puts at the end. */
async function editText(text: string): Promise<string> {
  const file = new EditedFile(`${text}\n`, 'txt');
  try {
    return (await file.edit(editorOf(process.env))).replace(/\n$/, '');
  } finally {
    file.remove();
  }
}

/** Edits until the definition is taken, unchanged, or given up; then its file stays. */
async function edit(context: ClientContext, guest: string, options: GuestOptions): Promise<void> {
  const { text: before, tag = '' } = await context
    .client()
    .tagged('GET', xmlPath(context, guest, options.host, true));
  const file = new EditedFile(before, 'xml');
  for (;;) {
    const text = await file.edit(editorOf(process.env));
    if (text === before) {
      file.remove();
      context.say(`Domain '${guest}' XML configuration not changed.`, { changed: false });
      return;
    }
    try {
      const headers = { 'Content-Type': 'application/xml', 'If-Match': tag };
      await context.client().tagged('PUT', guestPath(context, guest, options, '/xml'), text, headers);
    } catch (thrown) {
      if (!(thrown instanceof ApiRefusal)) throw keeping(thrown, file);
      // Who cannot be asked gets the refusal; what was written is not lost.
      if (!process.stdin.isTTY || !(await file.askAgain(thrown.message)))
        throw new ApiRefusal(thrown.status, `${thrown.message}\nwhat you wrote is in ${file.path}`);
      continue;
    }
    file.remove();
    context.say(`Domain '${guest}' XML configuration edited.`, { changed: true });
    return;
  }
}

/** An error that also says where the text is. */
function keeping(thrown: unknown, { path }: EditedFile): unknown {
  if (thrown instanceof Error) thrown.message += `\nwhat you wrote is in ${path}`;
  return thrown;
}
