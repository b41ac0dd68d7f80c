import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Calibration, type Model, weightCount } from './model.domain.ts';

interface Description {
  readonly name: string;
  readonly sha256: string;
  readonly calibrations: readonly Calibration[];
}

const folder = join(import.meta.dirname, '../../models');

/** The trained weights. @throws Error when they are not those that `heads.json` describes */
export const model: Model = readModel();

function readModel(): Model {
  // Written by the trainer; the hash below covers the weights.
  const { name, sha256, calibrations } = JSON.parse(readFileSync(join(folder, 'heads.json'), 'utf8')) as Description;
  const bytes = brotliDecompressSync(readFileSync(join(folder, 'heads.bin.br')), { maxOutputLength: weightCount });
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new Error('models/heads.bin.br is not the file that models/heads.json describes: train the model again');
  return { name, calibrations, weights: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) };
}
