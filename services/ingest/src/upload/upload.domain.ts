import { accept, type Decision, refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';
import type { ArchiveContents, InspectedFile } from '../media/inspection.domain.ts';
import { cleanFileName, findUnsafe } from '../media/media.domain.ts';
import { extensionOf, extensions, type FileType, textMark, typeOf } from './file-types.domain.ts';

export type UploadPurpose = 'reply' | 'note';
export type UploadRefusal = 'TYPE_NOT_ALLOWED' | 'UNSAFE';

export interface AnnouncedFile {
  readonly name: string;
  readonly bytes: number;
}

const nameCharactersMax = 200;
const hourMs = 3_600_000;
/** How long the bytes may be put, and how long the file may be attached. It is dropped an hour later. */
export const putMsMax = hourMs;
export const attachMsMax = 24 * hourMs;
export const keptUnusedMs = attachMsMax + hourMs;

/** Refuses what would be refused once the bytes are here, before anybody sends them. Returns the name without folders. */
export function decideAnnounced(
  { name, bytes }: AnnouncedFile,
  limits: { readonly bytesMax: number; readonly freeBytes: number | null },
): Decision<string, 'FILE_TOO_LARGE' | 'INVALID_INPUT' | 'QUOTA_EXCEEDED' | 'TYPE_NOT_ALLOWED'> {
  const fileName = cleanFileName(name);
  const refusal = refuseText('name', name, nameCharactersMax) ?? refuseSize(bytes, limits);
  if (refusal !== null) return refusal;
  if (fileName === null) return refuse('INVALID_INPUT', 'name', 'The name has no characters that can be shown.');
  const extension = extensionOf(fileName);
  if (extension !== null && !extensions.includes(extension)) return refuse('TYPE_NOT_ALLOWED', 'name', onlyThese());
  return accept(fileName);
}

function refuseSize(
  bytes: number,
  { bytesMax, freeBytes }: { readonly bytesMax: number; readonly freeBytes: number | null },
): Refused<'FILE_TOO_LARGE' | 'INVALID_INPUT' | 'QUOTA_EXCEEDED'> | null {
  if (bytes < 1) return refuse('INVALID_INPUT', 'bytes', 'An empty file cannot be sent: give its size in bytes.');
  if (bytes > bytesMax) {
    const message = `The file has ${bytes} bytes, this installation takes at most ${bytesMax}: make it smaller.`;
    return refuse('FILE_TOO_LARGE', 'bytes', message);
  }
  if (freeBytes === null || bytes <= freeBytes) return null;
  const message = `The workspace has ${Math.max(freeBytes, 0)} bytes left for files: an admin of the installation can raise MEDIA_WORKSPACE_GIGABYTES_MAX.`;
  return refuse('QUOTA_EXCEEDED', 'bytes', message);
}

function onlyThese(): string {
  return `Files of this type cannot be sent. Send one of: ${extensions.join(', ')}.`;
}

export type Judgement =
  | { readonly refusal: null; readonly type: FileType; readonly fileName: string }
  | { readonly refusal: UploadRefusal; readonly message: string };

/** Decides by the bytes of an uploaded file whether it may be sent, and as what. */
export function judge(fileName: string, bytes: number, found: InspectedFile): Judgement {
  const mark = found.mimeType ?? (found.isText ? textMark : '');
  const type = typeOf(mark, fileName);
  if (type === null) return { refusal: 'TYPE_NOT_ALLOWED', message: wrongType(fileName, found) };
  const message = unsafeBecause(type, bytes, found);
  if (message !== null) return { refusal: 'UNSAFE', message };
  return { refusal: null, type, fileName: named(fileName, type) };
}

function wrongType(fileName: string, { mimeType, isText }: InspectedFile): string {
  const what = mimeType ?? (isText ? 'text' : 'of no known type');
  return `The bytes of ${fileName} are ${what}, which its name does not say or which cannot be sent. ${onlyThese()}`;
}

function unsafeBecause(type: FileType, bytes: number, found: InspectedFile): string | null {
  if (type.kind === 'image') return unsafePicture(found);
  if (findUnsafe(type.kind, found) !== null) return 'The file is broken: save it again.';
  const isArchive = type.mimeType === 'application/zip' || type.mimeType.startsWith('application/vnd.o');
  return isArchive ? unsafeArchive(found.archive, bytes) : twoInOne(found);
}

function unsafePicture(found: InspectedFile): string | null {
  if (found.width !== null && findUnsafe('image', found) !== null)
    return `The picture has ${found.width} x ${found.height ?? 0} pixels, which is too many: make it smaller.`;
  if (found.isOpened === false) return 'The picture cannot be opened: save it again as JPEG or PNG.';
  return twoInOne(found);
}

/** A file that is also an archive is something else for other programs. */
function twoInOne({ archive }: InspectedFile): string | null {
  return archive === null ? null : 'The file ends with an archive that its name does not tell: save it again.';
}

const unpackedBytesMax = 1024 * 1024 * 1024;
const smallBytes = 50 * 1024 * 1024;
const ratioMax = 200;
const programs = 'exe dll com scr msi bat cmd ps1 vbs vbe js jse wsf hta jar lnk apk app sh'.split(' ');
const archives = 'zip 7z rar gz tgz bz2 xz tar iso cab zst'.split(' ');
const forbiddenExtensions: ReadonlySet<string> = new Set([...programs, ...archives]);

function isForbiddenEntry(name: string): boolean {
  return forbiddenExtensions.has(extensionOf(name) ?? '') || name.toLowerCase().endsWith('vbaproject.bin');
}

function unsafeArchive(archive: ArchiveContents | 'unreadable' | null, bytes: number): string | null {
  if (archive === null || archive === 'unreadable') return 'The archive cannot be read: create it again.';
  const { names, unpackedBytes } = archive;
  const isBomb = unpackedBytes > unpackedBytesMax || (unpackedBytes > smallBytes && unpackedBytes > bytes * ratioMax);
  if (isBomb) return `Unpacked, the archive would have ${unpackedBytes} bytes: send its files one by one.`;
  return names.some(isForbiddenEntry)
    ? 'The archive contains a program, macros or another archive: send the documents only.'
    : null;
}

/** The name with an extension that its type has. */
function named(fileName: string, { extensions: own }: FileType): string {
  const extension = extensionOf(fileName);
  if (extension !== null && own.includes(extension)) return fileName;
  const stem = extension === null ? fileName : fileName.slice(0, -extension.length - 1);
  return `${stem.slice(0, nameCharactersMax - own[0].length - 1)}.${own[0]}`;
}
