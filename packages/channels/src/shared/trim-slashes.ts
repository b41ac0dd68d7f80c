/** An address without the slashes at its end. No pattern: `/\/+$/` takes time that grows with the square of the length. */
export function trimSlashes(address: string): string {
  let end = address.length;
  while (address[end - 1] === '/') end -= 1;
  return address.slice(0, end);
}
