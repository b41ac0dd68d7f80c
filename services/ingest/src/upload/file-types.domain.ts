/** The kinds of messages that a file can be sent as. */
export type FileKind = 'image' | 'video' | 'audio' | 'file';

export interface FileType {
  readonly mimeType: string;
  readonly kind: FileKind;
  /** The first one is given to files that have another. */
  readonly extensions: readonly [string, ...string[]];
  /** How the bytes are recognised. */
  readonly marks: readonly string[];
}

const office = 'application/vnd.openxmlformats-officedocument';
const openDocument = 'application/vnd.oasis.opendocument';
/** The mark of bytes that are text and nothing else. */
export const textMark = 'text';

function type(mimeType: string, kind: FileKind, extensions: FileType['extensions'], ...others: string[]): FileType {
  return { mimeType, kind, extensions, marks: [mimeType, ...others] };
}

/** The files that people may send. Everything else is refused: programs, scripts, pages, drawings with scripts, macros. */
export const fileTypes: readonly FileType[] = [
  type('image/jpeg', 'image', ['jpg', 'jpeg']),
  type('image/png', 'image', ['png']),
  type('image/gif', 'image', ['gif']),
  type('image/webp', 'image', ['webp']),
  type('video/mp4', 'video', ['mp4', 'm4v'], 'video/x-m4v'),
  type('video/quicktime', 'video', ['mov']),
  type('video/webm', 'video', ['webm']),
  type('video/3gpp', 'video', ['3gp']),
  type('audio/mpeg', 'audio', ['mp3']),
  type('audio/mp4', 'audio', ['m4a'], 'audio/x-m4a', 'video/mp4'),
  type('audio/ogg', 'audio', ['ogg', 'oga', 'opus']),
  type('audio/aac', 'audio', ['aac']),
  type('audio/amr', 'audio', ['amr']),
  type('audio/wav', 'audio', ['wav']),
  type('application/pdf', 'file', ['pdf']),
  type(`${office}.wordprocessingml.document`, 'file', ['docx']),
  type(`${office}.spreadsheetml.sheet`, 'file', ['xlsx']),
  type(`${office}.presentationml.presentation`, 'file', ['pptx']),
  type(`${openDocument}.text`, 'file', ['odt']),
  type(`${openDocument}.spreadsheet`, 'file', ['ods']),
  type(`${openDocument}.presentation`, 'file', ['odp']),
  type('application/msword', 'file', ['doc'], 'application/x-cfb'),
  type('application/vnd.ms-excel', 'file', ['xls'], 'application/x-cfb'),
  type('application/vnd.ms-powerpoint', 'file', ['ppt'], 'application/x-cfb'),
  type('application/zip', 'file', ['zip']),
  type('text/plain', 'file', ['txt'], textMark),
  type('text/csv', 'file', ['csv'], textMark),
];

export const extensions: readonly string[] = fileTypes.flatMap((one) => one.extensions);

/** The part of a name behind its last dot, in lower case; null without one. */
export function extensionOf(name: string): string | null {
  const [, extension] = /\.([^.]+)$/.exec(name) ?? [];
  return extension?.toLowerCase() ?? null;
}

/**
 * The type of a file by the mark in its bytes and by its name. A picture, video or sound with the extension of another
 * such type is taken as what it is; any other difference is refused with null.
 */
export function typeOf(mark: string, name: string): FileType | null {
  const extension = extensionOf(name);
  const [first, ...others] = fileTypes.filter(({ marks }) => marks.includes(mark));
  if (first === undefined) return null;
  if (extension === null) return mark === textMark || others.length > 1 ? null : first;
  const exact = [first, ...others].find((one) => one.extensions.includes(extension));
  if (exact !== undefined) return exact;
  const named = fileTypes.find((one) => one.extensions.includes(extension));
  return named?.kind === first.kind && first.kind !== 'file' ? first : null;
}
