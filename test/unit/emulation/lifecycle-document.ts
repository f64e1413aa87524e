import { LIFECYCLE } from '../../../agent/emulation/lifecycle/lifecycle.ts';
import type { Step, Story, StoryCondition } from '../../../agent/emulation/lifecycle/story.ts';
import { TIMINGS, type Timing } from '../../../agent/emulation/timings.ts';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function conditionText(when: StoryCondition): string {
  return Object.entries(when)
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(' or ') : value}`)
    .join(', ');
}

function stepText(step: Step): string {
  const events = (step.emit ?? []).map((event) => `**${event}**`).join(' ');
  const old = step.rhel6 && `(rhel6: ${step.rhel6.map((event) => `**${event}**`).join(' ') || 'no event'})`;
  const parts = [
    step.after && `_${step.after}${step.afterBoot ? ' after boot' : ''}_`,
    step.passes && `_${step.passes === 'one' ? 'one pass' : 'passes'}_`,
    step.on && `${step.on}:`,
    step.when && `if ${step.when}:`,
    step.state,
    step.guest && `guest ${step.guest}`,
    step.image && `image ${step.image}`,
    step.persist && 'persist',
    events,
    old,
    step.job && '**JOB_COMPLETED**',
    step.holds && 'holds',
  ];
  return parts.filter(Boolean).join(' ');
}

function stepsText(steps: readonly Step[]): string {
  return steps.map(stepText).filter(Boolean).join(' → ') || 'nothing';
}

function notesText(story: Story): string {
  const { lost } = story;
  const notes = [
    story.preempts && 'at any time',
    story.yields && 'yields',
    story.canceled && `canceled: ${stepsText(story.canceled)}`,
    story.recovered && `recovered: ${stepsText(story.recovered)}`,
    lost?.source && `source lost: ${stepsText(lost.source)}`,
    lost?.target && `target lost: ${stepsText(lost.target)}`,
    lost?.sourceLate && `source lost after hand-over: ${stepsText(lost.sourceLate)}`,
    lost?.targetLate && `target lost after hand-over: ${stepsText(lost.targetLate)}`,
  ];
  return notes.filter(Boolean).join('; ');
}

function actionTable(): string {
  const rows = LIFECYCLE.map((story) => [
    `\`${story.action}\``,
    conditionText(story.when ?? {}),
    story.from.join(', '),
    stepsText(story.steps),
    notesText(story),
  ]);
  return table(['Action', 'When', 'From', 'Steps', 'Notes'], rows);
}

function timingTable(): string {
  const rows = Object.entries(TIMINGS as Record<string, Timing>).map(([name, timing]) => [
    name,
    `${timing.seconds}`,
    `${timing.jitterSeconds}`,
    `${timing.secondsPerGiB ?? ''}`,
    `${timing.containerFactor ?? ''}`,
  ]);
  return table(['Timing', 'Seconds', '± seconds', 'Seconds per GiB', 'Factor for containers'], rows);
}

/** The tables that docs/LIFECYCLE.md holds between its markers, by name. */
export const DOCUMENT_TABLES: Readonly<Record<string, string>> = {
  actions: actionTable(),
  timings: timingTable(),
};

/** A document with each of its marked tables made anew. */
export function withTables(text: string): string {
  return text.replace(
    /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, begin: string, name: string, end: string) => `${begin}${DOCUMENT_TABLES[name] ?? ''}\n${end}`,
  );
}
