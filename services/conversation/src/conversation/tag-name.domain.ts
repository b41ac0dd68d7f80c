/** Two spellings of one tag have one form: width, case and spaces do not matter. */
export function foldedName(name: string): string {
  return spaced(name.normalize('NFKC')).toLowerCase();
}

export function spaced(text: string): string {
  return text.split(/\s/u).filter(Boolean).join(' ');
}
