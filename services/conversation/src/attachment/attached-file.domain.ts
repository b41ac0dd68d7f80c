import { capabilitiesOf } from '@crossdesk/channels';
import type { MessageContent, UploadId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';

/** A file that a person names, as ingest found it; null for a name that is not known in this workspace. */
export interface NamedFile {
  readonly name: string;
  readonly file: AttachedFile | null;
}

export interface AttachedFile {
  readonly uploadId: UploadId;
  readonly purpose: 'reply' | 'note';
  readonly kind: 'image' | 'video' | 'audio' | 'file';
  readonly mimeType: string;
  readonly bytes: number;
  readonly fileName: string;
}

/** Files of one reply or note. */
const filesMax = 10;

/** The files behind the names, or why they cannot be attached. */
export function decideFiles(named: readonly NamedFile[]): Decision<AttachedFile[], 'INVALID_INPUT' | 'NOT_FOUND'> {
  if (named.length > filesMax)
    return refuse('INVALID_INPUT', 'attachments', `At most ${filesMax} files can be attached: use another message.`);
  const files = named.flatMap(({ file }) => (file === null ? [] : [file]));
  if (files.length === named.length) return accept(files);
  const message = 'There is no such file, or its day is over: upload it and take the attachmentId of the answer.';
  return refuse('NOT_FOUND', 'attachments', message);
}

/**
 * The messages that files become, one for each, because platforms show one file a message. The words go with the first
 * file if the channel shows them there, and before it if not.
 */
export function contentsOfFiles(
  channel: string,
  files: readonly AttachedFile[],
  words: MessageContent | null,
): Decision<readonly [MessageContent, ...MessageContent[]], 'INVALID_INPUT'> {
  const [first, ...others] = files;
  const internal = files.find(({ purpose }) => purpose === 'note');
  if (first === undefined) return refuse('INVALID_INPUT', 'attachments', 'Name at least one file.');
  if (internal !== undefined) {
    const message = `${internal.fileName} was uploaded for a note of colleagues: upload it again for a reply if the buyer may have it.`;
    return refuse('INVALID_INPUT', 'attachments', message);
  }
  const rest = others.map((file) => contentOf(file, null));
  if (words?.kind !== 'text') return accept([contentOf(first, null), ...rest]);
  const { captionCharactersMax = 0 } = capabilitiesOf(channel).files[first.kind] ?? {};
  return words.text.length <= captionCharactersMax
    ? accept([contentOf(first, words.text), ...rest])
    : accept([words, contentOf(first, null), ...rest]);
}

function contentOf(
  { uploadId, kind, mimeType, bytes, fileName }: AttachedFile,
  caption: string | null,
): MessageContent {
  return { kind, url: null, thumbnailUrl: null, mediaId: null, mimeType, fileName, caption, uploadId, bytes };
}
