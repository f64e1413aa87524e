import { effect, signal } from '@preact/signals';

const KEY = 'virtsnmp-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
/** Colours: the system's, or one of the two. */
export type Theme = (typeof THEMES)[number];

/** The colours that were chosen; kept by the browser. */
export const theme = signal<Theme>(THEMES.find((each) => each === localStorage.getItem(KEY)) ?? 'auto');

const systemDark = matchMedia('(prefers-color-scheme: dark)');

/** Changes with whatever changes the colours: for what cannot take them from a style sheet. */
export const isDark = signal(false);

effect(() => {
  const chosen = theme.value;
  if (chosen === 'auto') {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem(KEY, chosen);
    document.documentElement.dataset['theme'] = chosen;
  }
  isDark.value = chosen === 'dark' || (chosen === 'auto' && systemDark.matches);
});

systemDark.addEventListener('change', () => {
  if (theme.value === 'auto') isDark.value = systemDark.matches;
});

/** The next of the three. */
export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
}
