const WIDTH = 72;
const HEIGHT = 18;

/** The course of a share, 0 to 1, as a small line; gaps are left out. */
export function Spark({
  values,
  label,
}: {
  readonly values: readonly (number | null)[];
  readonly label: string;
}) {
  const step = WIDTH / Math.max(1, values.length - 1);
  let path = '';
  let isOpen = false;
  values.forEach((value, i) => {
    if (value === null) {
      isOpen = false;
      return;
    }
    const y = HEIGHT - 1 - Math.min(1, value) * (HEIGHT - 2);
    path += `${isOpen ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
    isOpen = true;
  });
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}
