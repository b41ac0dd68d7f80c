import { takeBaseBackup } from './base-backup.ts';
import { readCommand } from './config.ts';
import { prepareRestore } from './restore.ts';

try {
  const command = readCommand();
  if (command.kind === 'base') {
    await takeBaseBackup(command);
    console.log(`backed up to ${command.to}`);
  } else {
    await prepareRestore(command);
    console.log(`start Postgres on ${command.dataDirectory}; it replays the write-ahead log and then accepts writes`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : 'failed');
  process.exitCode = 1;
}
