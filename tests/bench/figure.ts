// One measured number, with its unit and what it is held against.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'per second' | 'ms' | 'kB' | 'MB';
  /** An upper bound for ms and kB that the figure should keep. */
  readonly budget?: number;
  readonly note?: string;
}

export const rounded = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
};

export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map(({ name, value, unit, budget, note }) => {
      const verdict = budget === undefined ? '' : value <= budget ? `within ${budget}` : `OVER ${budget}`;
      return `${name.padEnd(width)}  ${String(rounded(value)).padStart(9)} ${unit.padEnd(10)} ${verdict} ${note ?? ''}`.trimEnd();
    })
    .join('\n');
}
