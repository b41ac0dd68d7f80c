/** One curve, or one curve for each remaining set of labels. */
export interface Query {
  readonly expression: string;
  /** `{{label}}` names a label. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it means and when to worry, for people on call. */
  readonly description: string;
  readonly kind: 'stat' | 'curve';
  readonly unit: 's' | 'ops' | 'short' | 'bytes' | 'percentunit';
  readonly queries: readonly Query[];
  /** From this value on the panel is yellow, then red. */
  readonly thresholds?: readonly [warn: number, alarm: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export function stat(
  title: string,
  description: string,
  unit: Panel['unit'],
  expression: string,
  thresholds: Panel['thresholds'],
): Panel {
  return {
    title,
    description,
    kind: 'stat',
    unit,
    queries: [{ expression, legend: '' }],
    ...(thresholds === undefined ? {} : { thresholds }),
  };
}

export function curve(
  title: string,
  description: string,
  unit: Panel['unit'],
  ...queries: [legend: string, expression: string][]
): Panel {
  return {
    title,
    description,
    kind: 'curve',
    unit,
    queries: queries.map(([legend, expression]) => ({ legend, expression })),
  };
}

/** The duration below which this share of the observations stays. */
export function quantile(share: number, histogram: string, by: string[] = []): string {
  return `histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[$__rate_interval])))`;
}

export function rate(counter: string, ...by: string[]): string {
  return `sum by (${by.join(', ')}) (rate(${counter}[$__rate_interval]))`;
}

/** Values read from the database or the log are the same in every replica: use the largest, not the sum. */
export function once(gauge: string, ...by: string[]): string {
  return `max by (${by.join(', ')}) (${gauge})`;
}

export function average(histogram: string, by: string): string {
  return `${rate(`${histogram}_sum`, by)} / ${rate(`${histogram}_count`, by)}`;
}
