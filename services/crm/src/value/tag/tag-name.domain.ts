/** Two spellings of one tag have one form: width, case and spaces do not matter. */
export function foldedTag(name: string): string {
  return tagName(name).toLowerCase();
}

/** A name as people see it. */
export function tagName(name: string): string {
  return name.normalize('NFKC').split(/\s/u).filter(Boolean).join(' ');
}
