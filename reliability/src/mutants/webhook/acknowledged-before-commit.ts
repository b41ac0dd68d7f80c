import * as original from '../../../../services/ingest/src/webhook/group-commit.ts';

export * from '../../../../services/ingest/src/webhook/group-commit.ts';

/** Acknowledges without waiting for the commit. */
export const createGroupCommit: typeof original.createGroupCommit = (deps) => {
  const groups = original.createGroupCommit(deps);
  const accept: typeof groups.accept = async (delivery) => {
    groups.accept(delivery).catch(() => undefined);
    return 'stored';
  };
  return { ...groups, accept };
};
