import type { StarterTemplate } from './starter-template.ts';

/** What a machine says by itself: see `load-policy.ts`. */
export const answeringTemplates: readonly StarterTemplate[] = [
  {
    key: 'which-order',
    name: 'Which order is it? · 请问是哪个订单',
    situation: 'WHERE_IS_MY_ORDER',
    variables: {},
    texts: {
      en: 'Thank you for your message. Which order is it about? Please send us the order number, then we can look into it right away.',
      'zh-CN': '您好，感谢您的咨询。请问是哪一笔订单呢？麻烦您提供订单号，我们马上为您查询。',
      de: 'Vielen Dank für Ihre Nachricht. Um welche Bestellung geht es? Bitte nennen Sie uns die Bestellnummer, dann sehen wir gleich nach.',
      es: 'Gracias por su mensaje. ¿De qué pedido se trata? Indíquenos el número de pedido y lo revisamos enseguida.',
      fr: 'Merci pour votre message. De quelle commande s’agit-il ? Indiquez-nous le numéro de commande et nous regardons tout de suite.',
      id: 'Terima kasih atas pesan Anda. Pesanan yang mana yang Anda maksud? Mohon kirimkan nomor pesanannya agar bisa langsung kami periksa.',
      it: 'Grazie per il messaggio. Di quale ordine si tratta? Ci indichi il numero d’ordine e controlliamo subito.',
      ja: 'お問い合わせいただきありがとうございます。どちらのご注文についてでしょうか。ご注文番号をお知らせいただければ、すぐにお調べいたします。',
      nl: 'Bedankt voor uw bericht. Om welke bestelling gaat het? Stuur ons het bestelnummer, dan kijken we het meteen na.',
      'pt-BR': 'Obrigado pela mensagem. De qual pedido se trata? Envie o número do pedido e verificamos em seguida.',
      th: 'ขอบคุณสำหรับข้อความค่ะ สอบถามเกี่ยวกับคำสั่งซื้อไหนคะ รบกวนแจ้งหมายเลขคำสั่งซื้อ แล้วเราจะตรวจสอบให้ทันทีค่ะ',
      vi: 'Cảm ơn bạn đã nhắn tin. Bạn đang hỏi về đơn hàng nào ạ? Bạn vui lòng gửi mã đơn hàng, chúng tôi sẽ kiểm tra ngay.',
    },
  },
  {
    key: 'preparing',
    name: 'Being prepared · 正在备货',
    situation: 'WHERE_IS_MY_ORDER',
    variables: { orderNumber: 'TEXT' },
    texts: {
      en: 'Thank you for your patience. Your order {orderNumber} is being prepared and has not been shipped yet. Once it is on its way, you will see the tracking number in your order.',
      'zh-CN': '您好，感谢您的耐心等待。您的订单 {orderNumber} 正在备货，暂未发出。发货后，您可以在订单中看到运单号。',
      de: 'Vielen Dank für Ihre Geduld. Ihre Bestellung {orderNumber} wird gerade vorbereitet und ist noch nicht verschickt. Sobald sie unterwegs ist, sehen Sie die Sendungsnummer in Ihrer Bestellung.',
      es: 'Gracias por su paciencia. Su pedido {orderNumber} se está preparando y todavía no se ha enviado. Cuando esté en camino, verá el número de seguimiento en su pedido.',
      fr: 'Merci pour votre patience. Votre commande {orderNumber} est en préparation et n’a pas encore été expédiée. Dès qu’elle sera en route, vous verrez le numéro de suivi dans votre commande.',
      id: 'Terima kasih atas kesabaran Anda. Pesanan Anda {orderNumber} sedang disiapkan dan belum dikirim. Setelah dikirim, nomor resinya akan terlihat di pesanan Anda.',
      it: 'Grazie per la pazienza. Il suo ordine {orderNumber} è in preparazione e non è ancora stato spedito. Quando sarà in viaggio, vedrà il numero di spedizione nel suo ordine.',
      ja: 'お待ちいただきありがとうございます。ご注文 {orderNumber} は現在準備中で、まだ発送されておりません。発送後は、ご注文の画面でお問い合わせ番号をご確認いただけます。',
      nl: 'Bedankt voor uw geduld. Uw bestelling {orderNumber} wordt voorbereid en is nog niet verzonden. Zodra het pakket onderweg is, ziet u het trackingnummer bij uw bestelling.',
      'pt-BR':
        'Obrigado pela paciência. O seu pedido {orderNumber} está sendo preparado e ainda não foi enviado. Quando estiver a caminho, você verá o código de rastreio no pedido.',
      th: 'ขอบคุณที่รอนะคะ คำสั่งซื้อ {orderNumber} ของคุณกำลังเตรียมจัดส่ง และยังไม่ได้ส่งออกค่ะ เมื่อจัดส่งแล้ว คุณจะเห็นหมายเลขพัสดุในคำสั่งซื้อค่ะ',
      vi: 'Cảm ơn bạn đã kiên nhẫn chờ. Đơn hàng {orderNumber} của bạn đang được chuẩn bị và chưa gửi đi. Khi đơn được gửi, bạn sẽ thấy mã vận đơn trong đơn hàng.',
    },
  },
  {
    key: 'person-answers',
    name: 'A colleague will answer · 稍后由客服回复',
    situation: 'AWAY',
    variables: { promisedHours: 'NUMBER' },
    texts: {
      en: 'Thank you for your message. One of our colleagues will answer you personally within {promisedHours, plural, one {# hour} other {# hours}}.',
      'zh-CN': '您好，感谢您的留言。我们的客服会在 {promisedHours, plural, other {# 小时}}内回复您，请您稍候。',
      de: 'Vielen Dank für Ihre Nachricht. Jemand aus unserem Team antwortet Ihnen persönlich innerhalb von {promisedHours, plural, one {# Stunde} other {# Stunden}}.',
      es: 'Gracias por su mensaje. Una persona de nuestro equipo le responderá en un plazo de {promisedHours, plural, one {# hora} many {# horas} other {# horas}}.',
      fr: 'Merci pour votre message. Une personne de notre équipe vous répondra sous {promisedHours, plural, one {# heure} many {# heures} other {# heures}}.',
      id: 'Terima kasih atas pesan Anda. Tim kami akan membalas Anda secara langsung dalam waktu {promisedHours, plural, other {# jam}}.',
      it: 'Grazie per il messaggio. Una persona del nostro team le risponderà entro {promisedHours, plural, one {# ora} many {# ore} other {# ore}}.',
      ja: 'お問い合わせいただきありがとうございます。担当者より {promisedHours, plural, other {# 時間}}以内にご返信いたします。今しばらくお待ちください。',
      nl: 'Bedankt voor uw bericht. Iemand van ons team antwoordt u persoonlijk binnen {promisedHours, plural, one {# uur} other {# uur}}.',
      'pt-BR':
        'Obrigado pela mensagem. Alguém da nossa equipe vai responder em até {promisedHours, plural, one {# hora} many {# horas} other {# horas}}.',
      th: 'ขอบคุณสำหรับข้อความค่ะ เจ้าหน้าที่ของเราจะตอบกลับคุณภายใน {promisedHours, plural, other {# ชั่วโมง}}ค่ะ',
      vi: 'Cảm ơn bạn đã nhắn tin. Nhân viên của chúng tôi sẽ trả lời bạn trong vòng {promisedHours, plural, other {# giờ}}.',
    },
  },
];
