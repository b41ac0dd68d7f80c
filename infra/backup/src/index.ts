export { takeBaseBackup } from './base-backup.ts';
export { prepareRestore } from './restore.ts';
