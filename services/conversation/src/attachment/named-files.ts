import { type Attachments, type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { NamedFile } from './attached-file.domain.ts';

interface FileDeps {
  readonly attachments: Attachments;
  readonly runtime: Pick<ServiceRuntime<DB>, 'clock'>;
}

/** What ingest signed about the files that a request names. */
export function namedFiles(
  { attachments, runtime }: FileDeps,
  request: RequestContext,
  names: readonly string[] | null | undefined,
): NamedFile[] {
  const { tenantId } = signedIn(request);
  const now = runtime.clock.now();
  return (names ?? []).map((name) => ({ name, file: attachments.read(name, tenantId, now) }));
}
