/** An error that was not thrown where its cause is: it shows the place where the waiting began. */
export function lateError(message: string, begunAt: { readonly stack?: string }): Error {
  const error = new Error(message);
  const isOfTest = (line: string): boolean => /^ +at /.test(line) && !line.includes('/testkit/src/');
  const frames = (begunAt.stack ?? '').split('\n').filter(isOfTest);
  error.stack = [`Error: ${message}`, ...frames].join('\n');
  return error;
}
