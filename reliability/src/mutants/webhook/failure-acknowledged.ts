import * as original from '../../../../services/ingest/src/webhook/group-commit.ts';

export * from '../../../../services/ingest/src/webhook/group-commit.ts';

/** Acknowledges also when the commit has failed. */
export const createGroupCommit: typeof original.createGroupCommit = (deps) => {
  const groups = original.createGroupCommit(deps);
  return { ...groups, accept: (delivery) => groups.accept(delivery).catch(() => 'stored') };
};
