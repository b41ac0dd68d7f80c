import type { StarterTemplate } from './starter-template.ts';

/** After the parcel is there, and when an order ends. */
export const afterSalesTemplates: readonly StarterTemplate[] = [
  {
    key: 'return-how-to',
    name: 'How to return · 如何退货',
    situation: 'RETURN_HOW_TO',
    variables: { orderNumber: 'TEXT', returnBy: 'DATE' },
    texts: {
      en: 'You can return your order {orderNumber} until {returnBy, date, long}. Please open the order, request the return there, and pack the item with everything that belongs to it. We will write to you when it has arrived.',
      'zh-CN':
        '您的订单 {orderNumber} 可在 {returnBy, date, long} 之前申请退货。请在订单页面提交退货申请，并将商品及全部配件一并妥善包装。收到退货后，我们会通知您。',
      de: 'Sie können Ihre Bestellung {orderNumber} bis zum {returnBy, date, long} zurückgeben. Bitte öffnen Sie die Bestellung, beantragen Sie dort die Rückgabe und verpacken Sie den Artikel mit allem, was dazugehört. Wir schreiben Ihnen, sobald er angekommen ist.',
      es: 'Puede devolver su pedido {orderNumber} hasta el {returnBy, date, long}. Abra el pedido, solicite allí la devolución y embale el artículo con todo lo que incluye. Le escribiremos cuando haya llegado.',
      fr: 'Vous pouvez retourner votre commande {orderNumber} jusqu’au {returnBy, date, long}. Ouvrez la commande, demandez-y le retour et emballez l’article avec tout ce qui l’accompagne. Nous vous écrirons dès son arrivée.',
      it: 'Può restituire il suo ordine {orderNumber}; ultimo giorno per la richiesta: {returnBy, date, long}. Apra l’ordine, richieda lì il reso e imballi l’articolo con tutto ciò che lo accompagna. Le scriveremo quando sarà arrivato.',
      ja: 'ご注文 {orderNumber} は {returnBy, date, long} まで返品を承っております。注文ページから返品をお申し込みのうえ、付属品をすべてそろえて梱包してください。商品が届きましたら、ご連絡いたします。',
      nl: 'U kunt uw bestelling {orderNumber} tot en met {returnBy, date, long} terugsturen. Open de bestelling, vraag daar de retour aan en verpak het artikel met alles wat erbij hoort. Wij laten het u weten zodra het is aangekomen.',
      'pt-BR':
        'Você pode devolver o seu pedido {orderNumber} até {returnBy, date, long}. Abra o pedido, solicite a devolução e embale o item com tudo o que o acompanha. Avisaremos quando ele chegar.',
    },
  },
  {
    key: 'refund-done',
    name: 'Refund done · 已退款',
    situation: 'REFUND_DONE',
    variables: { orderNumber: 'TEXT', amount: 'MONEY' },
    texts: {
      en: 'We have refunded {amount} for your order {orderNumber}, in the way you paid. How soon you see it depends on your bank or payment service.',
      'zh-CN': '您好，订单 {orderNumber} 的退款 {amount} 已按原支付方式退回。具体到账时间取决于您的银行或支付平台。',
      de: 'Wir haben Ihnen {amount} für Ihre Bestellung {orderNumber} auf dem Weg erstattet, auf dem Sie bezahlt haben. Wann Sie den Betrag sehen, hängt von Ihrer Bank oder Ihrem Zahlungsdienst ab.',
      es: 'Le hemos reembolsado {amount} de su pedido {orderNumber} por el mismo medio de pago. El momento en que lo vea depende de su banco o servicio de pago.',
      fr: 'Nous vous avons remboursé {amount} pour votre commande {orderNumber}, par le moyen de paiement que vous aviez utilisé. Le délai d’affichage dépend de votre banque ou de votre service de paiement.',
      it: 'Le abbiamo rimborsato {amount} per il suo ordine {orderNumber}, con lo stesso metodo usato per il pagamento. Quando vedrà l’importo dipende dalla sua banca o dal servizio di pagamento.',
      ja: 'ご注文 {orderNumber} について {amount} を、お支払い時と同じ方法で返金いたしました。反映される時期は、金融機関や決済サービスによって異なります。',
      nl: 'We hebben {amount} voor uw bestelling {orderNumber} terugbetaald, op dezelfde manier als u hebt betaald. Wanneer u het bedrag ziet, hangt af van uw bank of betaaldienst.',
      'pt-BR':
        'Reembolsamos {amount} do seu pedido {orderNumber} pela mesma forma de pagamento. O prazo para o valor aparecer depende do seu banco ou serviço de pagamento.',
    },
  },
  {
    key: 'cancellation-done',
    name: 'Cancelled · 已取消',
    situation: 'CANCELLATION_DONE',
    variables: { orderNumber: 'TEXT' },
    texts: {
      en: 'Your order {orderNumber} has been cancelled, as you asked. We would be glad to help you with another order.',
      'zh-CN': '您好，已按您的要求取消订单 {orderNumber}。期待再次为您服务。',
      de: 'Ihre Bestellung {orderNumber} wurde wie gewünscht storniert. Bei einer anderen Bestellung helfen wir Ihnen gern.',
      es: 'Su pedido {orderNumber} se ha cancelado, como nos pidió. Con mucho gusto le ayudaremos con otro pedido.',
      fr: 'Votre commande {orderNumber} a été annulée, comme vous l’avez demandé. Nous vous aiderons volontiers pour une autre commande.',
      it: 'Il suo ordine {orderNumber} è stato annullato, come ci ha chiesto. Saremo lieti di aiutarla con un altro ordine.',
      ja: 'ご希望のとおり、ご注文 {orderNumber} のキャンセルを承りました。またのご利用を心よりお待ちしております。',
      nl: 'Uw bestelling {orderNumber} is geannuleerd, zoals u hebt gevraagd. We helpen u graag met een andere bestelling.',
      'pt-BR': 'O seu pedido {orderNumber} foi cancelado, como você pediu. Teremos prazer em ajudar com outro pedido.',
    },
  },
  {
    key: 'damaged-item',
    name: 'Damaged item · 商品破损',
    situation: 'DAMAGED_ITEM',
    variables: { orderNumber: 'TEXT' },
    texts: {
      en: 'We are sorry that your order {orderNumber} did not arrive in good condition. Please send us a photo of the item and one of the packaging, so that we can look for the right solution with you.',
      'zh-CN':
        '非常抱歉，您的订单 {orderNumber} 的商品到货时有损坏。请您提供商品和外包装的照片，以便我们尽快核实并为您处理。',
      de: 'Es tut uns leid, dass Ihre Bestellung {orderNumber} nicht in gutem Zustand angekommen ist. Bitte senden Sie uns ein Foto des Artikels und eines der Verpackung, damit wir mit Ihnen die passende Lösung finden.',
      es: 'Lamentamos que su pedido {orderNumber} no haya llegado en buen estado. Envíenos una foto del artículo y otra del embalaje, por favor, para que busquemos juntos la mejor solución.',
      fr: 'Nous sommes désolés que votre commande {orderNumber} ne soit pas arrivée en bon état. Merci de nous envoyer une photo de l’article et une de l’emballage, afin que nous cherchions ensemble la bonne solution.',
      it: 'Ci dispiace che il suo ordine {orderNumber} non sia arrivato in buone condizioni. Ci invii per favore una foto dell’articolo e una dell’imballaggio, così cerchiamo insieme la soluzione giusta.',
      ja: 'ご注文 {orderNumber} の商品が破損した状態で届いたとのこと、誠に申し訳ございません。対応を検討いたしますので、商品と梱包の写真をお送りいただけますでしょうか。',
      nl: 'Het spijt ons dat uw bestelling {orderNumber} niet in goede staat is aangekomen. Stuur ons alstublieft een foto van het artikel en een van de verpakking, zodat we samen de juiste oplossing zoeken.',
      'pt-BR':
        'Lamentamos que o seu pedido {orderNumber} não tenha chegado em bom estado. Por favor, envie uma foto do item e uma da embalagem, para buscarmos juntos a melhor solução.',
    },
  },
  {
    key: 'invoice',
    name: 'Invoice · 发票',
    situation: 'INVOICE',
    variables: { orderNumber: 'TEXT' },
    texts: {
      en: 'We will gladly prepare the invoice for your order {orderNumber}. Please tell us the name and the address that it should show.',
      'zh-CN': '您好，我们可以为您的订单 {orderNumber} 开具发票。请告知发票上需要显示的名称和地址。',
      de: 'Gern erstellen wir die Rechnung zu Ihrer Bestellung {orderNumber}. Bitte nennen Sie uns den Namen und die Anschrift, die darauf stehen sollen.',
      es: 'Con mucho gusto preparamos la factura de su pedido {orderNumber}. Indíquenos, por favor, el nombre y la dirección que deben figurar en ella.',
      fr: 'Nous préparons volontiers la facture de votre commande {orderNumber}. Merci de nous indiquer le nom et l’adresse qui doivent y figurer.',
      it: 'Prepariamo volentieri la fattura per il suo ordine {orderNumber}. Ci indichi per favore il nome e l’indirizzo che deve riportare.',
      ja: 'ご注文 {orderNumber} の請求書を承ります。記載するお名前とご住所をお知らせください。',
      nl: 'We maken graag de factuur voor uw bestelling {orderNumber}. Laat ons alstublieft weten welke naam en welk adres erop moeten staan.',
      'pt-BR':
        'Teremos prazer em preparar a nota fiscal do seu pedido {orderNumber}. Por favor, informe o nome e o endereço que devem constar nela.',
    },
  },
];
