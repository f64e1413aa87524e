import { percent } from './format.ts';

/** A share as a bar with its figure; `more` is a second share behind the first one. */
export function Meter({
  label,
  share,
  more = 0,
  text,
}: {
  readonly label: string;
  readonly share: number | null | undefined;
  readonly more?: number | null;
  readonly text?: string;
}) {
  const known = Math.min(1, Math.max(0, share ?? 0));
  const rest = Math.min(1 - known, Math.max(0, more ?? 0));
  return (
    <span class="meter">
      <svg
        class="meter-bar"
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label} ${percent(share)}`}
      >
        <rect class="meter-track" width="100" height="6" />
        <rect class={known > 0.9 ? 'meter-high' : 'meter-share'} width={known * 100} height="6" />
        <rect class="meter-more" x={known * 100} width={rest * 100} height="6" />
      </svg>
      <span class="meter-text">{text ?? percent(share)}</span>
    </span>
  );
}
