import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Api } from './api.ts';

export interface UploadedFile {
  readonly id: string;
  readonly attachmentId: string;
}

/** Uploads a file as a frontend does: announced through the API, its bytes by PUT. */
export async function uploadFile(
  api: Api,
  name: string,
  content: Uint8Array<ArrayBuffer>,
  purpose: 'REPLY' | 'NOTE' = 'REPLY',
): Promise<UploadedFile> {
  const input = { clientMutationId: randomUUID(), name, bytes: content.length, purpose };
  const { createUpload } = await api.ask<{ createUpload: { upload: { id: string; putUrl: string } | null } }>(
    `mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id putUrl } errors { code message } } }`,
    { input },
  );
  if (createUpload.upload === null) throw new Error(JSON.stringify(createUpload));
  const { id, putUrl } = createUpload.upload;
  const response = await fetch(putUrl, { method: 'PUT', body: content });
  expect(response.status).toBe(201);
  const { attachmentId } = (await response.json()) as { attachmentId: string };
  return { id, attachmentId };
}
