import type { Static } from '@sinclair/typebox';
import { OneOf } from './scalars.ts';

/** pending: being fetched; ready: kept by Crossdesk and served; failed: could not be fetched. */
export const MediaStateSchema = OneOf(['pending', 'ready', 'failed']);
export type MediaState = Static<typeof MediaStateSchema>;

/** Why the file of a message could not be fetched. */
export const MediaFailureSchema = OneOf(
  ['GONE', 'TOO_LARGE', 'UNSAFE', 'BAD_ADDRESS', 'UNREACHABLE', 'NO_ACCESS', 'QUOTA', 'EXPIRED'],
  'GONE: the platform no longer has it; TOO_LARGE: larger than the limit of the installation; UNSAFE: the bytes are not what the message promises; BAD_ADDRESS: no address that may be fetched; UNREACHABLE: given up after the last try; NO_ACCESS: the account was not connected in time; QUOTA: the workspace has used up its space; EXPIRED: the time for which files are kept is over',
);
export type MediaFailure = Static<typeof MediaFailureSchema>;
