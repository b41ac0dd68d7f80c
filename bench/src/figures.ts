/** One line of the result, with its target. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
  readonly isReached: boolean;
  readonly detail?: string;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}

export function print(figure: Figure): void {
  const { name, value, unit, target, isReached, detail } = figure;
  const mark = isReached ? 'reached' : 'MISSED ';
  process.stdout.write(
    `${mark}  ${name.padEnd(62)} ${String(rounded(value)).padStart(9)} ${unit.padEnd(8)} ${target}${detail === undefined ? '' : `  (${detail})`}\n`,
  );
}
