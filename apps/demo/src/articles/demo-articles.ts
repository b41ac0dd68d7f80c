/** An article as `upsertArticle` takes it, with its texts by language; the first one is the original. */
export interface DemoArticle {
  readonly key: string;
  readonly type: 'FAQ' | 'GUIDE' | 'TROUBLESHOOTING' | 'POLICY' | 'PROCEDURE';
  readonly isForBuyers: boolean;
  /** After so many days somebody has to look at it. */
  readonly reviewInDays: number | null;
  readonly texts: Readonly<
    Record<string, { readonly title: string; readonly body: string; readonly questions: readonly string[] }>
  >;
}

export const demoArticles: readonly DemoArticle[] = [
  {
    key: 'return-period',
    type: 'POLICY',
    isForBuyers: true,
    reviewInDays: 9,
    texts: {
      'zh-CN': {
        title: '收到商品后多久可以退货？',
        body: '收到商品后 14 天内可以申请退货。商品须未使用，包装和配件齐全。质量问题的退货运费由我们承担。',
        questions: ['可以退吗', '怎么退货', '退货运费谁付'],
      },
      en: {
        title: 'How long can I return something?',
        body: 'You can return a product within 14 days after it arrived. It has to be unused, with its packaging and all parts. If something is wrong with it, we pay for the way back.',
        questions: ['Can I send it back?', 'What is your return policy?', 'Who pays for the return?'],
      },
      de: {
        title: 'Wie lange kann ich etwas zurückgeben?',
        body: 'Sie können ein Produkt innerhalb von 14 Tagen nach der Ankunft zurückgeben. Es muss unbenutzt sein, mit Verpackung und allen Teilen. Ist etwas nicht in Ordnung, bezahlen wir den Rückversand.',
        questions: ['Kann ich es zurückschicken?', 'Wer bezahlt die Rücksendung?'],
      },
    },
  },
  {
    key: 'delivery-time',
    type: 'FAQ',
    isForBuyers: true,
    reviewInDays: null,
    texts: {
      'zh-CN': {
        title: '多久发货，几天能到？',
        body: '付款后 48 小时内发货，到欧洲一般需要 7 到 12 个工作日。物流信息每天更新一次。',
        questions: ['什么时候发货', '要等多久'],
      },
      en: {
        title: 'When do you ship, and how long does it take?',
        body: 'We ship within 48 hours after the payment. To Europe it usually takes 7 to 12 working days. The tracking is updated once a day.',
        questions: ['How long is the delivery?', 'When will it arrive?'],
      },
      de: {
        title: 'Wann versenden Sie, und wie lange dauert es?',
        body: 'Wir versenden innerhalb von 48 Stunden nach der Zahlung. Nach Europa dauert es meist 7 bis 12 Werktage. Die Sendungsverfolgung wird einmal am Tag aktualisiert.',
        questions: ['Wie lange ist die Lieferzeit?', 'Wann kommt es an?'],
      },
    },
  },
  {
    key: 'lamp-does-not-light',
    type: 'TROUBLESHOOTING',
    isForBuyers: true,
    reviewInDays: null,
    texts: {
      en: {
        title: 'The lamp does not light',
        body: 'Check that the plug sits firmly in the adapter. Hold the switch for three seconds: the lamp starts again. If it stays dark, send us a picture of the adapter.',
        questions: ['My lamp is not working', 'The light does not turn on'],
      },
      'zh-CN': {
        title: '灯不亮怎么办？',
        body: '请检查插头是否插紧。长按开关三秒，灯会重新启动。如果仍然不亮，请把适配器的照片发给我们。',
        questions: ['灯打不开', '灯坏了'],
      },
      de: {
        title: 'Die Lampe leuchtet nicht',
        body: 'Prüfen Sie, ob der Stecker fest im Adapter sitzt. Halten Sie den Schalter drei Sekunden gedrückt: Die Lampe startet neu. Bleibt sie dunkel, schicken Sie uns ein Foto des Adapters.',
        questions: ['Meine Lampe geht nicht an'],
      },
    },
  },
  {
    key: 'invoice',
    type: 'FAQ',
    isForBuyers: true,
    reviewInDays: null,
    texts: {
      en: {
        title: 'How do I get an invoice?',
        body: 'Send us the name of your company and its VAT number. The invoice comes by mail within 2 working days.',
        questions: ['I need an invoice', 'Can I get a VAT invoice?'],
      },
      'zh-CN': {
        title: '怎么开发票？',
        body: '请提供公司抬头和税号，电子发票会在 2 个工作日内发送到您的邮箱。',
        questions: ['能开发票吗'],
      },
      de: {
        title: 'Wie bekomme ich eine Rechnung?',
        body: 'Schicken Sie uns den Namen Ihrer Firma und die USt-IdNr. Die Rechnung kommt innerhalb von 2 Werktagen per E-Mail.',
        questions: ['Ich brauche eine Rechnung'],
      },
    },
  },
  {
    key: 'damaged-parcel',
    type: 'PROCEDURE',
    isForBuyers: false,
    reviewInDays: 120,
    texts: {
      'zh-CN': {
        title: '包裹破损的处理流程',
        body: '先向买家表示歉意，请对方提供外包装和商品的照片。金额低于 20 欧元直接补发；高于 20 欧元请转给主管处理。',
        questions: [],
      },
      en: {
        title: 'What to do about a damaged parcel',
        body: 'Apologise first, and ask for pictures of the parcel and of the product. Below 20 euros send a new one; above 20 euros hand it over to a supervisor.',
        questions: [],
      },
    },
  },
];
