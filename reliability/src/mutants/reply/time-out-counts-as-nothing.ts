import { PlatformCallError } from '../../../../packages/channels/src/port/errors.ts';
import * as original from '../../../../services/ingest/src/platform/platform-client.ts';

export * from '../../../../services/ingest/src/platform/platform-client.ts';

/** Says that a platform which did not answer in time has executed nothing. */
export const createPlatformClient: typeof original.createPlatformClient = (options) => {
  const client = original.createPlatformClient(options);
  return {
    ...client,
    call: async (request) => {
      try {
        return await client.call(request);
      } catch (error) {
        if (error instanceof PlatformCallError && isTimeOut(error.cause))
          throw new PlatformCallError(error.message, false, { cause: error.cause });
        throw error;
      }
    },
  };
};

function isTimeOut(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError';
}
