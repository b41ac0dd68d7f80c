/** A scrape of /metrics. */
export interface Figures {
  /** Every metric by kind, including those without a sample yet. */
  readonly kinds: ReadonlyMap<string, string>;
  /** The sum of all samples of a name (`…_count` and `…_sum` of a histogram are names) with at least these labels; null when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | null;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks an address for its metrics. */
export async function scrape(url: string): Promise<Figures> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return readFigures(await response.text());
}

/** Reads the text format of Prometheus. */
export function readFigures(text: string): Figures {
  const lines = text.split('\n');
  const kinds = new Map(
    lines.flatMap((line) => [...line.matchAll(/^# TYPE (\S+) (\S+)$/g)].map((m) => [m[1] ?? '', m[2] ?? ''])),
  );
  const samples = lines.flatMap((line): Sample[] => {
    const [, name, labels = '', value] = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/\b(\w+)="([^"]*)"/g)].map((m): [string, string] => [m[1] ?? '', m[2] ?? '']);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
  return {
    kinds,
    value(name, wanted = {}) {
      const found = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(wanted).every(([label, word]) => sample.labels[label] === word),
      );
      return found.length === 0 ? null : found.reduce((sum, sample) => sum + sample.value, 0);
    },
  };
}
