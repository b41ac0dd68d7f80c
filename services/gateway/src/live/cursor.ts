import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { type TenantId, topics } from '@crossdesk/contracts';
import { deriveKey, type Keyring, keysIn } from '@crossdesk/service-kit';
import { refusal } from '../errors.ts';
import type { Bounds } from './record-source.ts';
import type { StreamDeclaration } from './stream-declaration.ts';
import { partitionsOf, type Vector } from './stream-partitions.ts';

/** Cursors of one stream: the place of a reader as opaque text, for readers of one workspace. */
export interface Cursors {
  encode(tenantId: TenantId, vector: Vector): string;
  /**
   * Reads a cursor and compares it with the current bounds of the log.
   * @throws GraphQLError CURSOR_INVALID for any text that is not a cursor of this stream and workspace; CURSOR_EXPIRED
   * when it is too old
   */
  decode(tenantId: TenantId, cursor: string, bounds: readonly Bounds[]): Vector;
}

const positionBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const cipherName = 'aes-256-gcm';

/**
 * Positions of the log count the events of all workspaces, so cursors are sealed (ADR 0042). The keys belong to the
 * stream with its topics and their numbers of partitions: positions have no meaning for another stream, nor for this
 * one after its topics changed.
 */
export function cursorsOf(stream: Pick<StreamDeclaration<unknown>, 'field' | 'topics'>, gatewayKeys: Keyring): Cursors {
  const shape = [stream.field, ...stream.topics.map((topic) => `${topic}/${topics[topic].partitions}`)].join(' ');
  const keys = keysIn(gatewayKeys).map((key) => deriveKey(key, `cursors of ${shape}`));
  const key = deriveKey(gatewayKeys.current, `cursors of ${shape}`);
  const nonceKey = deriveKey(gatewayKeys.current, `nonces of cursors of ${shape}`);
  const partitionsCount = partitionsOf(stream.topics).length;
  const sealedBytes = nonceBytes + tagBytes + positionBytes * partitionsCount;

  function encode(tenantId: TenantId, vector: Vector): string {
    const plain = Buffer.alloc(positionBytes * partitionsCount);
    for (const [partition, position] of vector.entries()) plain.writeBigUInt64BE(position, positionBytes * partition);
    // From the content, so that a place has one cursor and no nonce serves two places.
    const nonce = createHmac('sha256', nonceKey).update(tenantId).update(plain).digest().subarray(0, nonceBytes);
    const cipher = createCipheriv(cipherName, key, nonce).setAAD(Buffer.from(tenantId));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  function open(tenantId: TenantId, cursor: string): Vector {
    const sealed = Buffer.from(cursor.slice(0, 2 * sealedBytes), 'base64url');
    // Each cursor has exactly one spelling.
    if (sealed.length !== sealedBytes || sealed.toString('base64url') !== cursor) throw invalid(stream.field);
    const plain = keys.map((one) => unsealed(one, tenantId, sealed)).find((bytes) => bytes !== null);
    if (plain === undefined) throw invalid(stream.field);
    return Array.from({ length: partitionsCount }, (_, number) => plain.readBigUInt64BE(positionBytes * number));
  }

  return {
    encode,
    decode(tenantId, cursor, bounds) {
      const vector = open(tenantId, cursor);
      if (bounds.some(({ next }, partition) => (vector[partition] ?? 0n) > next)) throw invalid(stream.field);
      if (bounds.some(({ earliest }, partition) => (vector[partition] ?? 0n) < earliest)) throw expired();
      return vector;
    },
  };
}

/** The content of a cursor; null if it was sealed with another key, for another workspace, or is altered. */
function unsealed(key: Buffer, tenantId: TenantId, sealed: Buffer): Buffer | null {
  try {
    const decipher = createDecipheriv(cipherName, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(tenantId))
      .setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
  } catch {
    return null;
  }
}

function invalid(field: string): Error {
  return refusal(
    'CURSOR_INVALID',
    `this is not a cursor of ${field} in this workspace: pass the unchanged cursor of one of its events as \`after\`, or leave it out`,
  );
}

function expired(): Error {
  return refusal(
    'CURSOR_EXPIRED',
    'the log no longer holds the events behind this cursor: reload the data you show, then subscribe without `after`',
  );
}
