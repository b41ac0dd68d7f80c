/** Texts that can be looked up by their grams: for each gram the texts that have it, and how much that says. */
export interface Segment<Entry> {
  readonly entries: readonly Entry[];
  readonly averageLength: number;
  readonly bytes: number;
  /** How many texts have the gram. */
  frequencyOf(gram: number): number;
  /** Adds to the score of each text what the gram says about it. */
  addScores(gram: number, scores: Float32Array): void;
  has(gram: number, entry: number): boolean;
}

/** How common grams are, among all texts that are looked up together. */
export interface Statistics {
  /** Null: the average of the segment itself. */
  readonly averageLength: number | null;
  /** How rare a gram is, given how many texts of the new segment have it. */
  rarityOf(gram: number, frequency: number, count: number): number;
}

const k1 = 1.2;
const b = 0.5;
/** Scores are kept in steps of this part of a rarity. */
const steps = 16;
const impactMax = 255;
const titleWeight = 3;
const tfMax = 255;

export interface IndexedText {
  /** Title and questions, which count three times. */
  readonly heads: readonly string[];
  readonly body: string;
}

type EachGram = (text: string, take: (gram: number) => void) => void;

/** Gathers texts, then makes a segment of them. */
export function createSegmentBuilder<Entry>(eachGram: EachGram) {
  const entries: Entry[] = [];
  const terms = createTermTable();
  const postings = createPostings();
  const lengths: number[] = [];
  const counts = new Map<number, number>();

  return {
    add(entry: Entry, { heads, body }: IndexedText): void {
      counts.clear();
      let length = 0;
      let weight = titleWeight;
      const count = (gram: number) => {
        length += weight;
        counts.set(gram, (counts.get(gram) ?? 0) + weight);
      };
      for (const head of heads) eachGram(head, count);
      weight = 1;
      eachGram(body, count);
      for (const [gram, tf] of counts) postings.push(terms.idOf(gram), entries.length, Math.min(tf, tfMax));
      lengths.push(length);
      entries.push(entry);
    },
    finish(statistics: Statistics): Segment<Entry> {
      const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
      const averageLength = Math.max(1, statistics.averageLength ?? mean);
      const shares = lengths.map((length) => k1 * (1 - b + (b * length) / averageLength));
      return toSegment({ entries, terms, postings, shares, averageLength }, statistics);
    },
  };
}

interface Gathered<Entry> {
  readonly entries: readonly Entry[];
  readonly terms: ReturnType<typeof createTermTable>;
  readonly postings: ReturnType<typeof createPostings>;
  /** For each text, the part of BM25 that its length decides. */
  readonly shares: readonly number[];
  readonly averageLength: number;
}

function toSegment<Entry>(
  { entries, terms, postings, shares, averageLength }: Gathered<Entry>,
  statistics: Statistics,
): Segment<Entry> {
  const { count, termOf, entryOf, tfOf } = postings.done();
  const starts = startsOf(termOf, count, terms.size());
  const places = starts.slice();
  const texts = entries.length < 65_536 ? new Uint16Array(count) : new Uint32Array(count);
  const impacts = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) {
    const [term, entry, tf] = [termOf[at] ?? 0, entryOf[at] ?? 0, tfOf[at] ?? 0];
    const place = places[term] ?? 0;
    places[term] = place + 1;
    texts[place] = entry;
    impacts[place] = Math.min(impactMax, Math.round((tf * (k1 + 1) * steps) / (tf + (shares[entry] ?? 1))));
  }
  const rarities = new Float32Array(terms.size());
  terms.each((gram, term) => {
    const frequency = (starts[term + 1] ?? 0) - (starts[term] ?? 0);
    rarities[term] = statistics.rarityOf(gram, frequency, entries.length);
  });
  const frequencyAt = (term: number) => (starts[term + 1] ?? 0) - (starts[term] ?? 0);
  return {
    entries,
    averageLength,
    bytes: count * (texts.BYTES_PER_ELEMENT + 1) + terms.bytes() + starts.byteLength + rarities.byteLength,
    frequencyOf: (gram) => {
      const term = terms.find(gram);
      return term < 0 ? 0 : frequencyAt(term);
    },
    addScores: (gram, scores) => {
      const term = terms.find(gram);
      if (term < 0) return;
      const weight = (rarities[term] ?? 0) / steps;
      const end = starts[term + 1] ?? 0;
      for (let at = starts[term] ?? 0; at < end; at += 1) {
        const text = texts[at] ?? 0;
        scores[text] = (scores[text] ?? 0) + weight * (impacts[at] ?? 0);
      }
    },
    has: (gram, entry) => {
      const term = terms.find(gram);
      return term >= 0 && includes(texts, entry, { from: starts[term] ?? 0, to: starts[term + 1] ?? 0 });
    },
  };
}

function startsOf(termOf: Uint32Array, count: number, termCount: number): Uint32Array {
  const starts = new Uint32Array(termCount + 1);
  for (let at = 0; at < count; at += 1) {
    const next = (termOf[at] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let term = 0; term < termCount; term += 1) starts[term + 1] = (starts[term + 1] ?? 0) + (starts[term] ?? 0);
  return starts;
}

/** The texts of a gram are in their order. */
function includes(
  texts: Uint16Array | Uint32Array,
  entry: number,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((texts[middle] ?? 0) < entry) low = middle + 1;
    else high = middle;
  }
  return low < to && texts[low] === entry;
}

/** Numbers for grams, by open addressing: a Map of half a million of them takes five times the memory. */
function createTermTable() {
  let mask = 1_023;
  let grams = new Int32Array(mask + 1);
  let ids = new Int32Array(mask + 1).fill(-1);
  let size = 0;

  function placeOf(gram: number): number {
    let place = (Math.imul(gram, 0x9e3779b1) >>> 7) & mask;
    while (ids[place] !== -1 && grams[place] !== gram) place = (place + 1) & mask;
    return place;
  }

  function grow(): void {
    const [oldGrams, oldIds] = [grams, ids];
    mask = mask * 2 + 1;
    grams = new Int32Array(mask + 1);
    ids = new Int32Array(mask + 1).fill(-1);
    for (const [at, id] of oldIds.entries()) {
      if (id < 0) continue;
      const gram = oldGrams[at] ?? 0;
      const place = placeOf(gram);
      grams[place] = gram;
      ids[place] = id;
    }
  }

  return {
    size: () => size,
    bytes: () => grams.byteLength + ids.byteLength,
    find: (gram: number): number => ids[placeOf(gram)] ?? -1,
    idOf(gram: number): number {
      const place = placeOf(gram);
      const found = ids[place] ?? -1;
      if (found >= 0) return found;
      grams[place] = gram;
      ids[place] = size;
      size += 1;
      if (size * 2 > mask) grow();
      return size - 1;
    },
    each(take: (gram: number, id: number) => void): void {
      for (const [at, id] of ids.entries()) if (id >= 0) take(grams[at] ?? 0, id);
    },
  };
}

/** Lists that grow: which term which text has, and how often. */
function createPostings() {
  let termOf = new Uint32Array(4_096);
  let entryOf = new Uint32Array(4_096);
  let tfOf = new Uint8Array(4_096);
  let count = 0;
  return {
    push(term: number, entry: number, tf: number): void {
      if (count === termOf.length) {
        const [terms, entries, tfs] = [termOf, entryOf, tfOf];
        termOf = new Uint32Array(count * 2);
        termOf.set(terms);
        entryOf = new Uint32Array(count * 2);
        entryOf.set(entries);
        tfOf = new Uint8Array(count * 2);
        tfOf.set(tfs);
      }
      termOf[count] = term;
      entryOf[count] = entry;
      tfOf[count] = tf;
      count += 1;
    },
    done: () => ({ count, termOf, entryOf, tfOf }),
  };
}
