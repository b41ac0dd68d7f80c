/** A name with one space where there were several, and none around it. */
export function spaced(text: string): string {
  return text.split(/\s/u).filter(Boolean).join(' ');
}

/** A name as people see it: full width becomes the usual width. */
export function plainName(name: string): string {
  return spaced(name.normalize('NFKC'));
}

/** Two spellings of one name have one form: width, case and spaces do not matter. */
export function foldedName(name: string): string {
  return plainName(name).toLowerCase();
}
