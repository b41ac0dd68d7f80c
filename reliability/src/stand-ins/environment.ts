/** The variable that tells a process which stand-in files it loads, and which files they replace. */
export const standInsVariable = 'RELIABILITY_STAND_INS';

/** Stand-ins by the file that they replace. */
export function readStandIns(): ReadonlyMap<string, string> {
  return new Map(Object.entries(JSON.parse(process.env[standInsVariable] ?? '{}') as Record<string, string>));
}
