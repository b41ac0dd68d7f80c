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
      'pt-BR':
        'Obrigado pela mensagem. O seu pedido {orderNumber} está a caminho com {carrier}, com o código de rastreio {trackingNumber}. A entrega está prevista para {expectedOn, date, long}. Se tiver outra dúvida, é só escrever.',
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
      'pt-BR':
        'Boas notícias: o seu pedido {orderNumber} foi enviado em {parcels, plural, one {um pacote} other {# pacotes}} com {carrier}. O código de rastreio é {trackingNumber}.',
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
      'pt-BR':
        'Pedimos desculpas: o seu pedido {orderNumber} está demorando mais do que o planejado. A entrega agora está prevista para {expectedOn, date, long}. Obrigado pela paciência.',
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
      'pt-BR':
        'Pedimos desculpas: {product}, do seu pedido {orderNumber}, não está disponível no momento. Prefere esperar, escolher outro produto ou cancelar este item?',
    },
  },
];
