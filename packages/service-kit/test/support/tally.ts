export interface Step {
  readonly key: string;
  /** 1, 2, 3 … within the key. */
  readonly step: number;
}

/**
 * The differences between sent and arrived steps. Order is that of first arrival: a repeated step counts as a double.
 */
export interface Tally {
  readonly lost: number;
  readonly doubled: number;
  readonly inverted: number;
}

export const clean: Tally = { lost: 0, doubled: 0, inverted: 0 };

export function tally(arrived: readonly Step[], sent: readonly Step[]): Tally {
  const seen = new Set<string>();
  const highest = new Map<string, number>();
  let doubled = 0;
  let inverted = 0;
  for (const { key, step } of arrived) {
    const name = `${key} ${step}`;
    if (seen.has(name)) {
      doubled += 1;
      continue;
    }
    seen.add(name);
    if (step < (highest.get(key) ?? 0)) inverted += 1;
    highest.set(key, Math.max(step, highest.get(key) ?? 0));
  }
  const lost = sent.filter(({ key, step }) => !seen.has(`${key} ${step}`)).length;
  return { lost, doubled, inverted };
}

export function firstArrivals(arrived: readonly Step[]): Step[] {
  return [...new Map(arrived.map((step) => [`${step.key} ${step.step}`, step])).values()];
}
