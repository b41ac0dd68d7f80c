/** An error that is thrown far from its cause: its stack shows the place where the waiting began. */
export function lateError(message: string, begunAt: { readonly stack?: string }): Error {
  const error = new Error(message);
  const isOfTest = (line: string): boolean => /^ +at /.test(line) && !line.includes('/testkit/src/');
  const frames = (begunAt.stack ?? '').split('\n').filter(isOfTest);
  error.stack = [`Error: ${message}`, ...frames].join('\n');
  return error;
}
