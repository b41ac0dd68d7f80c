import { attachmentKey, type Attachments, createAttachments, type Keys } from '@crossdesk/service-kit';
import { createUploadLinks, type UploadLinks } from './upload-links.ts';

/** The names and addresses of uploads. */
export interface UploadDeps {
  readonly links: UploadLinks;
  readonly attachments: Attachments;
}

export function createUploadDeps(keys: Keys, publicUrl: string): UploadDeps {
  return {
    links: createUploadLinks(keys.of('ingest/upload-links'), publicUrl),
    attachments: createAttachments(keys.of(attachmentKey)),
  };
}
