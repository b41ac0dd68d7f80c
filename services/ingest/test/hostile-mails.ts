const lineEnd = '\r\n';

/** Mails that are work for a reader: each header of a mail with some of the values, and what is large or deep. */
export function hostileMails(
  mail: string,
  values: readonly (readonly [string, unknown])[],
  valuesPerHeader: number,
): { readonly mutated: readonly Made[]; readonly largest: readonly Made[] } {
  const end = mail.indexOf(`${lineEnd}${lineEnd}`);
  const headers = mail.slice(0, end).split(/\r\n(?![ \t])/);
  const body = mail.slice(end);
  const texts = values.flatMap(([name, value]) => (typeof value === 'string' ? [{ name, value }] : []));
  const mutated = headers.flatMap((header, place) => {
    const key = header.slice(0, header.indexOf(':'));
    return Array.from(
      { length: valuesPerHeader },
      (_, n) => texts[(place * valuesPerHeader + n) % texts.length],
    ).flatMap((one) =>
      one === undefined
        ? []
        : [
            {
              name: `${key} = ${one.name}`,
              make: () => headers.toSpliced(place, 1, `${key}: ${one.value}`).join(lineEnd) + body,
            },
          ],
    );
  });
  const others = headers.filter(
    (header) => !/^(content-|mime-version|message-id|references|in-reply-to)/i.test(header),
  );
  const withBody = (id: string, extra: readonly string[], content: string) =>
    [...others, `Message-ID: <${id}@hostile.example>`, 'MIME-Version: 1.0', ...extra].join(lineEnd) +
    lineEnd +
    lineEnd +
    content;
  const plain = 'Content-Type: text/plain; charset=utf-8';
  return {
    mutated,
    largest: [
      { name: 'a long text', make: () => withBody('long', [plain], 'word '.repeat(200_000)) },
      { name: 'one line', make: () => withBody('line', [plain], '> '.repeat(1_000_000)) },
      {
        name: 'many quotes',
        make: () => withBody('quotes', [plain], `On 1 May, A wrote:${lineEnd}> b${lineEnd}`.repeat(50_000)),
      },
      {
        name: 'many references',
        make: () =>
          withBody('references', [plain, `References: ${many((n) => `<${n}@a.example>`, 50_000, ' ')}`], 'hello'),
      },
      { name: 'deep parts', make: () => withBody('deep', [`Content-Type: multipart/mixed; boundary=b0`], deep(400)) },
      {
        name: 'many parts',
        make: () =>
          withBody(
            'parts',
            ['Content-Type: multipart/mixed; boundary=b'],
            `${many((n) => `--b${lineEnd}Content-Type: image/png; name=${n}.png${lineEnd}${lineEnd}x`, 20_000, lineEnd)}${lineEnd}--b--`,
          ),
      },
      { name: 'deep markup', make: () => withBody('markup', ['Content-Type: text/html'], '<div><b>'.repeat(20_000)) },
    ],
  };
}

interface Made {
  readonly name: string;
  readonly make: () => string;
}

function many(make: (n: number) => string, count: number, between: string): string {
  return Array.from({ length: count }, (_, n) => make(n)).join(between);
}

/** Parts within parts. */
function deep(levels: number): string {
  return many((n) => `--b${n}${lineEnd}Content-Type: multipart/mixed; boundary=b${n + 1}${lineEnd}`, levels, lineEnd);
}
