/** The variable that tells a process which files it loads in place of which others. */
export const standInsVariable = 'RELIABILITY_STAND_INS';

/** Stand-ins by the file that they replace. */
export function readStandIns(): ReadonlyMap<string, string> {
  return new Map(Object.entries(JSON.parse(process.env[standInsVariable] ?? '{}') as Record<string, string>));
}
