const textOid = 25;
const byteaOid = 17;

/**
 * A `text[]` parameter in the binary form of Postgres, for long texts. In the usual form the driver escapes every quote of
 * every element and the server reads it back character by character.
 */
export function textArray(values: readonly (string | null)[]): Buffer {
  return binaryArray(
    textOid,
    values.map((value) => (value === null ? null : Buffer.from(value))),
  );
}

/** A `bytea[]` parameter in the binary form: the usual one is hexadecimal, twice as long. */
export function bytesArray(values: readonly Uint8Array[]): Buffer {
  return binaryArray(byteaOid, values);
}

/**
 * Dimensions, has-nulls flag, element type, length and lower bound; then each element after its length, -1 for null.
 */
function binaryArray(elementOid: number, elements: readonly (Uint8Array | null)[]): Buffer {
  const header = integers(1, elements.includes(null) ? 1 : 0, elementOid, elements.length, 1);
  const parts = elements.flatMap((element) =>
    element === null ? [integers(-1)] : [integers(element.length), element],
  );
  return Buffer.concat([header, ...parts]);
}

function integers(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  values.forEach((value, index) => bytes.writeInt32BE(value, 4 * index));
  return bytes;
}
