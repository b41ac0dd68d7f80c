import { instant, seconds } from './platform-json.ts';

const keyBytesMin = 24;
const keyBytesMax = 64;

/** The key of a Standard Webhooks secret; null if it is none. */
export function keyOfSecret(secret: string): Buffer | null {
  const base64 = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === base64 ? bytes : null;
}

/** Why a value cannot be a secret of Standard Webhooks; null when it can. */
export function secretProblem(value: string): string | null {
  const length = keyOfSecret(value)?.length ?? 0;
  return length >= keyBytesMin && length <= keyBytesMax
    ? null
    : `must be whsec_ and ${keyBytesMin} to ${keyBytesMax} bytes in base64 with its padding, without a version such as "v1,"`;
}

export function digitsProblem(value: string): string | null {
  return value.length <= 20 && /^\d+$/.test(value) ? null : 'must be a number, digits only';
}

export function instantProblem(value: string): string | null {
  return instant(value) === null && seconds(value) === null
    ? 'must be a UTC instant such as 2026-01-02T03:04:05Z, or unix seconds'
    : null;
}
