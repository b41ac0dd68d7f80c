import { phrasesOf, phrasesOfAll } from '../text/phrases.ts';

/** The parcel is said to be there. */
export const delivered = phrasesOfAll({
  en: "has been delivered|was delivered|have been delivered|were delivered|is delivered|has arrived at|was handed over|*'s been delivered|*'ve been delivered|shows as delivered|shows delivered",
  zh: '已送达|已签收|已经送达|已经签收|已派送成功|已妥投',
  de: 'wurde zugestellt|ist zugestellt|wurde geliefert|ist bei ihnen angekommen|wurde ausgeliefert',
  fr: 'a été livré|a été livrée|est livré|est livrée|ont été livrés|a bien été livré*',
  es: 'ha sido entregado|fue entregado|ha entregado|entregó|ya está entregado|consta como entregado',
  pt: 'foi entregue|já foi entregue|consta como entregue|está entregue',
  it: 'è stato consegnato|è stata consegnata|risulta consegnato|è arrivato a destinazione',
  nl: 'is bezorgd|is geleverd|is afgeleverd|werd bezorgd',
  pl: 'została dostarczona|został dostarczony|zostało dostarczone|dostarczono',
  cs: 'byla doručena|byl doručen|bylo doručeno|je doručen*',
  ru: 'доставлен|доставлена|доставлено|был доставлен|была доставлена|была вручена|вручено',
  uk: 'доставлено|було доставлено|доставлений|вручено',
  tr: 'teslim edildi|teslim edilmiştir',
  ar: 'تم التسليم|تم توصيل|تم تسليم|وصلت الشحنة',
  he: 'נמסר|נמסרה|סופקה|הגיעה ליעדה',
  ja: '配達完了|配達済み|お届け済み|配達されました|お届けしました',
  ko: '배송 완료|배송완료|배달 완료|배달되었|배송되었',
  id: 'telah dikirim sampai|sudah sampai|telah diterima|sudah diterima|telah sampai',
  ms: 'telah dihantar sampai|sudah sampai|telah diterima|telah sampai',
  vi: 'đã giao thành công|đã được giao|đã giao tới|đã giao hàng thành công',
  th: 'จัดส่งสำเร็จ|ส่งถึงแล้ว|ได้รับการจัดส่งเรียบร้อย|นำส่งสำเร็จ',
  sv: 'har levererats|är levererad|är levererat|levererades',
  hi: 'डिलीवर हो गया|डिलीवर कर दिया',
});

/** The parcel is said to be on its way. */
export const shipped = phrasesOfAll({
  en: "has been shipped|was shipped|have shipped|has shipped|is on its way|has been dispatched|was dispatched|have been shipped|were shipped|is shipped|we shipped|have dispatched|has left our warehouse|have left our warehouse|left our warehouse|is in transit|are on their way|*'s on its way|*'s been shipped|*'ve shipped|*'ve been shipped|out for delivery|handed to the carrier|handed over to the carrier|with the carrier",
  zh: '已发货|已经发货|已寄出|正在配送|在途|已发出|已经发出|已出库|已揽收|发货了|寄出了|运输途中|运输中|在路上|派送中|已安排发出',
  de: 'wurde verschickt|wurde versandt|ist unterwegs|ist versandt|ist verschickt|wurde versendet|ist versendet|haben verschickt|haben versandt|wurde abgeschickt|ist abgeschickt|hat unser lager verlassen|wurde an den versanddienst übergeben|in zustellung',
  fr: 'a été expédié|a été expédiée|est en route|ont été expédiés|est expédié*|avons expédié|est parti|est partie|en cours de livraison',
  es: 'está en camino|fue despachado|ha sido despachado|ha salido de nuestro almacén|salió de nuestro almacén|en reparto|hemos despachado|va en camino',
  pt: 'está a caminho|foi despachado|foi postado|foi expedido|foi despachada|saiu do nosso|em trânsito|saiu para entrega|despachamos',
  it: 'è stato spedito|è in viaggio|è stata spedita|abbiamo spedito|è partito|è partita|in consegna|è in transito',
  nl: 'is verzonden|is onderweg|werd verzonden|is verstuurd|is verstuurd|werd verstuurd|hebben verzonden|hebben verstuurd|heeft ons magazijn verlaten|is vertrokken',
  pl: 'została wysłana|zostało wysłane|jest w drodze|wysłano',
  cs: 'byla odeslána|bylo odesláno|je na cestě|byl odeslán',
  ru: 'отправлен|отправлена|в пути',
  uk: 'відправлено|в дорозі|надіслано',
  tr: 'kargoya verildi|yola çıktı|yolda',
  ar: 'تم شحن|تم الشحن|في الطريق',
  he: 'נשלח|נשלחה|בדרך אליך',
  ja: '発送しました|発送いたしました|発送済み|配送中|発送されました|発送済|出荷しました|出荷いたしました|出荷済み|出荷されました|配送中|輸送中|発送完了|発送が完了',
  ko: '발송되었|발송했|배송 중|출고되었',
  id: 'telah dikirim|sudah dikirim|dalam perjalanan|sudah kami kirim|telah kami kirim|sedang dikirim|dalam pengiriman',
  ms: 'telah dihantar|dalam perjalanan',
  vi: 'đã được gửi|đã gửi đi|đang trên đường|đã gửi hàng|đã được gửi đi|đang vận chuyển|đang được vận chuyển|đang giao|đã xuất kho|đã được vận chuyển',
  th: 'จัดส่งแล้ว|กำลังจัดส่ง|อยู่ระหว่างการจัดส่ง|ส่งออกแล้ว|ส่งของแล้ว|ส่งสินค้าแล้ว|ได้จัดส่งแล้ว|ถูกจัดส่ง|ได้รับการจัดส่ง|อยู่ระหว่างขนส่ง|อยู่ระหว่างการขนส่ง|กำลังนำส่ง|ส่งพัสดุแล้ว',
  sv: 'har skickats|är på väg',
  hi: 'भेज दिया गया|रास्ते में है',
});

/** Denials, conditions and the future, with which nothing is said to be so. */
export const notYet = phrasesOfAll({
  en: "not|n't|*n't|once|when|if|as soon as|after|until|before|unless|will be|should|never|hope|hopes|hopefully|wish|soon",
  zh: '未|没|沒|不|如果|若|一旦|后会|之后|后，|等|将|待|请问|是否|时|希望|但愿|尽快',
  de: 'nicht|noch nicht|sobald|wenn|falls|nachdem|bis|kein|keine|wird|werden|ob|bevor|hoffe|hoffen|hoffentlich|bald',
  fr: "pas|une fois|si|dès que|lorsque|quand|après|jusqu'à|sera|avant|espère|espérons|bientôt",
  es: 'no|una vez|si|cuando|en cuanto|después de|hasta que|será|antes|espero|esperamos|ojalá|pronto',
  pt: 'não|assim que|se|quando|depois|até|será|antes|caso|espero|esperamos|em breve',
  it: 'non|una volta|se|quando|appena|dopo|finché|sarà|prima|spero|speriamo|presto',
  nl: 'niet|zodra|als|wanneer|nadat|totdat|nog|wordt|worden|voordat|hoop|hopen|hopelijk|binnenkort',
  pl: 'nie|gdy|kiedy|jeśli|jeżeli|po tym|dopóki|zostanie|zanim|czy|mam nadzieję|mamy nadzieję|wkrótce',
  cs: 'ne|není|nebyl*|jakmile|když|pokud|až|dokud|bude|než|zda|doufám*|snad|brzy',
  ru: 'не|когда|если|как только|после|пока|будет|до того|ли|надеюсь|надеемся|скоро',
  uk: 'не|коли|якщо|щойно|після|поки|буде|чи|сподіва*|незабаром|скоро',
  tr: 'değil|edilmedi|edildiğinde|olunca|sonra|eğer|ise|zaman|henüz|kadar|edilecek|umarım|umarız|yakında',
  ar: 'لم|لا|ليس|عندما|إذا|بعد|حتى|سوف|سيتم|قبل|نأمل|آمل|قريبا',
  he: 'לא|כאשר|אם|ברגע|אחרי|עד|טרם|לפני|כש*|מקווה|מקווים|בקרוב',
  ja: 'ない|ません|たら|次第|場合|後|まで|と、|ば|前|願って|よう、|まもなく',
  ko: '않|안 |못|면|후|까지|되는 대로|경우|아직|전|바랍니다|바라|곧',
  id: 'belum|tidak|jika|kalau|setelah|bila|ketika|sampai dengan|akan|sebelum|semoga|berharap|segera',
  ms: 'belum|tidak|jika|apabila|selepas|sehingga|akan|sebelum|semoga|berharap|segera',
  vi: 'chưa|không|nếu|khi|sau khi|cho đến|sẽ|trước|hy vọng|mong|sớm',
  th: 'ยัง|ไม่|หาก|ถ้า|เมื่อ|หลังจาก|จนกว่า|จะ|ก่อน|หวัง|เร็วๆ นี้',
  sv: 'inte|när|om|så snart|efter|tills|kommer|innan|hoppas|snart',
  hi: 'नहीं|अगर|जब|बाद|तक|उम्मीद|आशा|जल्द',
});

/** Sent: parcels, and also letters and money. */
export const sent = phrasesOfAll({
  en: 'has been sent|have been sent|was sent|have sent|we sent|is sent|has been sent out',
  zh: '已寄|已邮寄|寄走了',
  de: 'verschickt|versandt|versendet|abgeschickt|wurde gesendet|haben gesendet|wurde losgeschickt',
  fr: 'a été envoyé*|ont été envoyé*|avons envoyé',
  es: 'ha enviado|ha sido enviado|fue enviado|hemos enviado|envió|enviamos su',
  pt: 'foi enviado|foi enviada|enviamos o|enviamos a',
  it: 'è stato inviato|abbiamo inviato',
  tr: 'gönderildi',
  nl: 'verzonden|verstuurd|is gestuurd|hebben gestuurd',
  vi: 'đã gửi',
  th: 'ส่งแล้ว|ส่งให้แล้ว',
  ja: 'お送りしました|お送りいたしました|送付しました',
  id: 'sudah dikirimkan|telah dikirimkan',
});

/** What is sent to a buyer. */
export const parcels = phrasesOfAll({
  en: 'order|parcel|package|item|items|shipment',
  zh: '订单|包裹|商品|货物|快递',
  de: 'bestellung|paket|sendung|artikel|ware',
  fr: 'commande|colis|article|articles',
  es: 'pedido|paquete|artículo|envío',
  pt: 'pedido|pacote|produto|encomenda',
  it: 'ordine|pacco|articolo',
  tr: 'sipariş*|paket*',
  nl: 'bestelling|pakket|zending|artikel',
  vi: 'đơn hàng|kiện hàng|gói hàng|sản phẩm',
  th: 'คำสั่งซื้อ|พัสดุ|สินค้า',
  ja: '注文|荷物|商品',
  id: 'pesanan|paket|barang',
});

/** Words that stand inside of such a phrase and change nothing; the Spanish `se` is an `if` elsewhere. */
export const fillers =
  /(?<= )(?:se (?=ha |han |envió|entregó))|(?<= )(?:already|just|now|today|yesterday|safely|bereits|schon|gerade|eben|heute|gestern|seit gestern|déjà|bien|ya|já|già|appena|al|reeds|zojuist|inmiddels|vandaag|gisteren|zaten|już|уже|вже) /g;

/** With these in front, what follows in the sentence need not be so. */
export const conditions = phrasesOf(
  'once|if|when|as soon as|after|sobald|wenn|falls|nachdem|dès que|lorsque|quand|une fois|si|una vez|cuando|en cuanto|assim que|quando|appena|zodra|als|wanneer|gdy|kiedy|jeśli|jakmile|když|pokud|когда|если|как только|коли|якщо|عندما|إذا|כאשר|אם|如果|若|一旦|たら|場合|면|jika|kalau|setelah|apabila|nếu|khi|หาก|ถ้า|เมื่อ|när|om|अगर|जब',
);
