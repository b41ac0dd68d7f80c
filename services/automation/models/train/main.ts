import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { bucketCount } from '../../src/analysis/features.domain.ts';
import { heads } from '../../src/analysis/labels.domain.ts';
import { build, readTexts, sliceLanguages } from './build.ts';
import { sourceHash } from './source-hash.ts';

// Writes the weights of the model: pnpm run train
const startedAt = performance.now();
const { bytes, calibrations, sha256, examples, inDomain } = build(readTexts());
const folder = join(import.meta.dirname, '..');
const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 } };
const compressed = brotliCompressSync(bytes, options);
writeFileSync(join(folder, 'heads.bin.br'), compressed);
const description = {
  name: `crossdesk-heads/${sha256.slice(0, 8)}`,
  sha256,
  sourceSha256: sourceHash(),
  sliceSha256: build(readTexts(sliceLanguages)).sha256,
  buckets: bucketCount,
  inDomain,
  heads,
  calibrations,
};
writeFileSync(join(folder, 'heads.json'), `${JSON.stringify(description, null, 2)}\n`);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
process.stdout.write(`${examples} examples, ${compressed.length} bytes, ${seconds} s, ${sha256}\n`);
