import type { StarterTemplate } from './starter-template.ts';

/** Before the parcel is there. Marketplaces forbid links, so a parcel is named by its number. */
export const deliveryTemplates: readonly StarterTemplate[] = [
  {
    key: 'where-is-my-order',
    name: 'Where is my order · 订单到哪了',
    situation: 'WHERE_IS_MY_ORDER',
    variables: { orderNumber: 'TEXT', carrier: 'TEXT', trackingNumber: 'TEXT', expectedOn: 'DATE' },
    texts: {
      en: 'Thank you for your message. Your order {orderNumber} is on its way with {carrier}, tracking number {trackingNumber}. It is expected on {expectedOn, date, long}. Please tell us if anything else is unclear.',
      'zh-CN':
        '您好，感谢您的咨询。您的订单 {orderNumber} 正在由 {carrier} 配送，运单号为 {trackingNumber}，预计 {expectedOn, date, long} 送达。如有其他问题，请随时联系我们。',
      de: 'Vielen Dank für Ihre Nachricht. Ihre Bestellung {orderNumber} ist mit {carrier} unterwegs, die Sendungsnummer ist {trackingNumber}. Sie wird voraussichtlich am {expectedOn, date, long} zugestellt. Bei weiteren Fragen schreiben Sie uns gern.',
      es: 'Gracias por su mensaje. Su pedido {orderNumber} está en camino con {carrier}, con el número de seguimiento {trackingNumber}. La entrega está prevista para el {expectedOn, date, long}. Si tiene alguna otra duda, escríbanos.',
      fr: 'Merci pour votre message. Votre commande {orderNumber} est en route avec {carrier}, sous le numéro de suivi {trackingNumber}. La livraison est prévue le {expectedOn, date, long}. Si vous avez une autre question, écrivez-nous.',
      it: 'Grazie per il messaggio. Il suo ordine {orderNumber} è in viaggio con {carrier}, numero di spedizione {trackingNumber}. Consegna prevista: {expectedOn, date, long}. Se ha altre domande, ci scriva pure.',
      ja: 'お問い合わせいただきありがとうございます。ご注文 {orderNumber} は {carrier} で配送中です。お問い合わせ番号は {trackingNumber}、お届け予定日は {expectedOn, date, long} です。ほかにご不明な点がございましたら、お気軽にお知らせください。',
      nl: 'Bedankt voor uw bericht. Uw bestelling {orderNumber} is onderweg met {carrier}, met trackingnummer {trackingNumber}. De verwachte bezorgdatum is {expectedOn, date, long}. Hebt u nog een vraag, laat het ons dan weten.',
      'pt-BR':
        'Obrigado pela mensagem. O seu pedido {orderNumber} está a caminho com {carrier}, com o código de rastreio {trackingNumber}. A entrega está prevista para {expectedOn, date, long}. Se tiver outra dúvida, é só escrever.',
      id: 'Terima kasih atas pesan Anda. Pesanan Anda {orderNumber} sedang dalam perjalanan dengan {carrier}, nomor resi {trackingNumber}. Perkiraan tiba: {expectedOn, date, long}. Silakan beri tahu kami jika masih ada yang ingin Anda tanyakan.',
      th: 'ขอบคุณสำหรับข้อความค่ะ คำสั่งซื้อ {orderNumber} ของคุณกำลังจัดส่งโดย {carrier} หมายเลขพัสดุ {trackingNumber} คาดว่าจะถึงวันที่ {expectedOn, date, long} หากมีข้อสงสัยเพิ่มเติม แจ้งเราได้เลยค่ะ',
      vi: 'Cảm ơn bạn đã nhắn tin. Đơn hàng {orderNumber} của bạn đang được {carrier} vận chuyển, mã vận đơn {trackingNumber}. Dự kiến giao: {expectedOn, date, long}. Nếu còn điều gì chưa rõ, bạn cứ nhắn cho chúng tôi nhé.',
    },
  },
  {
    key: 'shipped',
    name: 'Shipped · 已发货',
    situation: 'SHIPPED',
    variables: { orderNumber: 'TEXT', parcels: 'NUMBER', carrier: 'TEXT', trackingNumber: 'TEXT' },
    texts: {
      en: 'Good news: your order {orderNumber} has been shipped in {parcels, plural, one {one parcel} other {# parcels}} with {carrier}. The tracking number is {trackingNumber}.',
      'zh-CN':
        '您好，您的订单 {orderNumber} 已发货，共 {parcels, plural, other {# 个包裹}}，承运商为 {carrier}，运单号为 {trackingNumber}。',
      de: 'Gute Nachrichten: Ihre Bestellung {orderNumber} wurde in {parcels, plural, one {einem Paket} other {# Paketen}} mit {carrier} verschickt. Die Sendungsnummer ist {trackingNumber}.',
      es: 'Buenas noticias: su pedido {orderNumber} se ha enviado en {parcels, plural, one {un paquete} other {# paquetes}} con {carrier}. El número de seguimiento es {trackingNumber}.',
      fr: 'Bonne nouvelle : votre commande {orderNumber} a été expédiée en {parcels, plural, one {un colis} other {# colis}} avec {carrier}. Le numéro de suivi est {trackingNumber}.',
      it: 'Buone notizie: il suo ordine {orderNumber} è stato spedito in {parcels, plural, one {un pacco} other {# pacchi}} con {carrier}. Il numero di spedizione è {trackingNumber}.',
      ja: 'ご注文 {orderNumber} を {parcels, plural, other {# 個口}}で発送いたしました。配送業者は {carrier}、お問い合わせ番号は {trackingNumber} です。',
      nl: 'Goed nieuws: uw bestelling {orderNumber} is in {parcels, plural, one {één pakket} other {# pakketten}} verzonden met {carrier}. Het trackingnummer is {trackingNumber}.',
      'pt-BR':
        'Boas notícias: o seu pedido {orderNumber} foi enviado em {parcels, plural, one {um pacote} other {# pacotes}} com {carrier}. O código de rastreio é {trackingNumber}.',
      id: 'Kabar baik: pesanan Anda {orderNumber} sudah dikirim dalam {parcels, plural, other {# paket}} dengan {carrier}. Nomor resinya {trackingNumber}.',
      th: 'แจ้งข่าวดีค่ะ คำสั่งซื้อ {orderNumber} ของคุณจัดส่งแล้ว จำนวน {parcels, plural, other {# กล่อง}} โดย {carrier} หมายเลขพัสดุคือ {trackingNumber} ค่ะ',
      vi: 'Tin vui: đơn hàng {orderNumber} của bạn đã được gửi đi, gồm {parcels, plural, other {# kiện}}, do {carrier} vận chuyển. Mã vận đơn là {trackingNumber}.',
    },
  },
  {
    key: 'delayed',
    name: 'Delayed · 延迟送达',
    situation: 'DELAYED',
    variables: { orderNumber: 'TEXT', expectedOn: 'DATE' },
    texts: {
      en: 'We are sorry: your order {orderNumber} is taking longer than planned. It is now expected on {expectedOn, date, long}. Thank you for your patience.',
      'zh-CN':
        '非常抱歉，您的订单 {orderNumber} 比原计划有所延迟，目前预计 {expectedOn, date, long} 送达。感谢您的耐心等待。',
      de: 'Es tut uns leid: Ihre Bestellung {orderNumber} braucht länger als geplant. Sie wird nun voraussichtlich am {expectedOn, date, long} zugestellt. Vielen Dank für Ihre Geduld.',
      es: 'Lo sentimos: su pedido {orderNumber} tarda más de lo previsto. Ahora la entrega está prevista para el {expectedOn, date, long}. Gracias por su paciencia.',
      fr: 'Nous sommes désolés : votre commande {orderNumber} prend plus de temps que prévu. La livraison est maintenant prévue le {expectedOn, date, long}. Merci de votre patience.',
      it: 'Ci dispiace: il suo ordine {orderNumber} richiede più tempo del previsto. Nuova data di consegna prevista: {expectedOn, date, long}. Grazie per la pazienza.',
      ja: 'ご注文 {orderNumber} のお届けが予定より遅れており、誠に申し訳ございません。現在のお届け予定日は {expectedOn, date, long} です。お待たせいたしますが、何卒よろしくお願いいたします。',
      nl: 'Het spijt ons: uw bestelling {orderNumber} duurt langer dan gepland. De verwachte bezorgdatum is nu {expectedOn, date, long}. Bedankt voor uw geduld.',
      'pt-BR':
        'Pedimos desculpas: o seu pedido {orderNumber} está demorando mais do que o planejado. A entrega agora está prevista para {expectedOn, date, long}. Obrigado pela paciência.',
      id: 'Mohon maaf, pesanan Anda {orderNumber} membutuhkan waktu lebih lama dari rencana. Sekarang diperkirakan tiba pada {expectedOn, date, long}. Terima kasih atas kesabaran Anda.',
      th: 'ขออภัยค่ะ คำสั่งซื้อ {orderNumber} ของคุณล่าช้ากว่ากำหนด ตอนนี้คาดว่าจะถึงวันที่ {expectedOn, date, long} ขอบคุณที่รอนะคะ',
      vi: 'Chúng tôi rất xin lỗi: đơn hàng {orderNumber} của bạn đến chậm hơn dự định. Ngày giao dự kiến mới là {expectedOn, date, long}. Cảm ơn bạn đã kiên nhẫn chờ.',
    },
  },
  {
    key: 'out-of-stock',
    name: 'Out of stock · 缺货',
    situation: 'OUT_OF_STOCK',
    variables: { orderNumber: 'TEXT', product: 'TEXT' },
    texts: {
      en: 'We are sorry: {product} in your order {orderNumber} is not available at the moment. Would you like to wait, choose something else, or cancel this item?',
      'zh-CN':
        '非常抱歉，您的订单 {orderNumber} 中的 {product} 目前缺货。请问您希望继续等待、更换其他商品，还是取消该商品？',
      de: 'Es tut uns leid: {product} aus Ihrer Bestellung {orderNumber} ist zurzeit nicht verfügbar. Möchten Sie warten, etwas anderes wählen oder diesen Artikel stornieren?',
      es: 'Lo sentimos: {product}, de su pedido {orderNumber}, no está disponible en este momento. ¿Prefiere esperar, elegir otro producto o cancelar este artículo?',
      fr: 'Nous sommes désolés : {product}, de votre commande {orderNumber}, n’est pas disponible en ce moment. Préférez-vous attendre, choisir un autre article ou annuler celui-ci ?',
      it: 'Ci dispiace: {product}, del suo ordine {orderNumber}, non è disponibile al momento. Preferisce aspettare, scegliere un altro prodotto o annullare questo articolo?',
      ja: '誠に申し訳ございません。ご注文 {orderNumber} の {product} は現在在庫を切らしております。入荷をお待ちになる、別の商品に変更する、この商品をキャンセルする、のいずれをご希望でしょうか。',
      nl: 'Het spijt ons: {product} uit uw bestelling {orderNumber} is op dit moment niet beschikbaar. Wilt u wachten, iets anders kiezen of dit artikel annuleren?',
      'pt-BR':
        'Pedimos desculpas: {product}, do seu pedido {orderNumber}, não está disponível no momento. Prefere esperar, escolher outro produto ou cancelar este item?',
      id: 'Mohon maaf, {product} dalam pesanan Anda {orderNumber} saat ini tidak tersedia. Apakah Anda ingin menunggu, memilih barang lain, atau membatalkan barang ini?',
      th: 'ขออภัยค่ะ {product} ในคำสั่งซื้อ {orderNumber} ของคุณหมดชั่วคราว คุณต้องการรอ เลือกสินค้าอื่น หรือยกเลิกสินค้านี้คะ',
      vi: 'Chúng tôi rất xin lỗi: {product} trong đơn hàng {orderNumber} của bạn hiện đã hết. Bạn muốn chờ, chọn sản phẩm khác hay hủy sản phẩm này?',
    },
  },
];
