import { compile } from 'html-to-text';

/** More is no letter; what is longer is kept, and its beginning is shown. */
const htmlCharactersMax = 400_000;

const plain = { uppercase: false } as const;
/** Nobody saw these words: they would reach rules and assistants as if the buyer had written them. */
const hidden = ['[hidden]', '[style*="display:none"]', '[style*="display: none"]', '[style*="font-size:0"]'];

const convert = compile({
  wordwrap: false,
  preserveNewlines: false,
  limits: { maxInputLength: htmlCharactersMax, maxDepth: 100, maxChildNodes: 5_000, ellipsis: '…' },
  formatters: {
    mailImage: ({ attribs }, _walk, builder) => {
      const id = /^cid:(.{1,500})$/i.exec(attribs?.['src'] ?? '')?.[1];
      if (id !== undefined) builder.addInline(imageMark(id), { noWordTransform: true });
    },
  },
  selectors: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: plain })),
    ...['style', 'script', 'title', 'head', 'template', ...hidden].map((selector) => ({ selector, format: 'skip' })),
    { selector: 'img', format: 'mailImage' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false, noAnchorUrl: true } },
    { selector: 'blockquote', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
  ],
});

/** The words of a page as people read them; pictures of the mail are marked in their places. Nothing of the page is run. */
export function htmlToWords(html: string): string {
  return convert(html.slice(0, htmlCharactersMax)).replaceAll(/\u00a0/g, ' ');
}

/** Private use: no mail has these characters around an id. */
function imageMark(contentId: string): string {
  return `\ue000${contentId}\ue001`;
}

/** The ids of the pictures marked in words. */
export function markedImages(words: string): readonly string[] {
  return [...words.matchAll(/\ue000([^\ue000\ue001]{1,500})\ue001/g)].flatMap(([, id]) => id ?? []);
}

export function withoutMarks(words: string): string {
  return words.replaceAll(/\ue000[^\ue000\ue001]{0,500}\ue001/g, '').replaceAll(/[\ue000\ue001]/g, '');
}
