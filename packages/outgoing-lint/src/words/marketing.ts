import { phrasesOf, phrasesOfAll } from '../text/phrases.ts';

/** Advertising: not the coupon that makes up for a fault, but what sells more. */
export const advertising = phrasesOfAll({
  en: 'discount code|promo code|promotion code|special offer|special offers|limited time offer|limited-time offer|new arrivals|new collection|newsletter|follow our store|follow our shop|follow us|visit our store|visit our shop|check out our|buy one get one|flash sale|black friday|best seller|best sellers|shop now|buy now',
  zh: '优惠码|折扣码|促销|新品上市|新款上架|关注店铺|关注我们|收藏店铺|限时优惠|限时折扣|满减|秒杀|买一送一|热卖|爆款|双十一|逛逛我们',
  de: 'rabattcode|gutscheincode|sonderangebot|sonderangebote|neuheiten|newsletter|folgen sie uns|folgen sie unserem shop|jetzt kaufen|nur für kurze zeit',
  fr: 'code promo|code de réduction|offre spéciale|offres spéciales|nouveautés|newsletter|suivez notre boutique|suivez-nous|vente flash|achetez maintenant',
  es: 'código de descuento|código promocional|oferta especial|ofertas especiales|novedades de nuestra tienda|boletín|siga nuestra tienda|síganos|compre ahora',
  pt: 'código de desconto|código promocional|oferta especial|lançamentos|newsletter|siga nossa loja|siga a nossa loja|siga-nos|compre agora|promoção imperdível',
  it: 'codice sconto|codice promozionale|offerta speciale|offerte speciali|nuovi arrivi|newsletter|segua il nostro negozio|ci segua|acquisti ora',
  nl: 'kortingscode|actiecode|speciale aanbieding|nieuwe collectie|nieuwsbrief|volg onze winkel|volg ons|koop nu',
  pl: 'kod rabatowy|kod promocyjny|oferta specjalna|nowości w sklepie|newsletter*|obserwuj nasz sklep|obserwuj nas|kup teraz',
  cs: 'slevový kód|speciální nabídka|novinky v obchodě|newsletter|sledujte náš obchod|sledujte nás|kupte nyní',
  ru: 'промокод|специальное предложение|новинки|рассылк*|подпишитесь|распродаж*|купите сейчас|акция',
  uk: 'промокод|спеціальна пропозиція|новинки|розсилк*|підпишіться|розпродаж*',
  tr: 'indirim kodu|kampanya kodu|özel teklif|yeni ürünlerimiz|bülten*|mağazamızı takip edin|bizi takip edin|hemen satın alın',
  ar: 'كود خصم|رمز الخصم|عرض خاص|عروض خاصة|وصل حديثا|تابع متجرنا|تابعونا|اشتر الآن',
  he: 'קוד הנחה|קוד קופון|מבצע מיוחד|מוצרים חדשים|ניוזלטר|עקבו אחר החנות|עקבו אחרינו',
  ja: '割引コード|*クーポンコード*|特別セール|新商品|新作|メルマガ|ストアをフォロー|フォローして|*タイムセール*|期間限定',
  ko: '할인 코드|쿠폰 코드|특가|신상품|뉴스레터|스토어 찜|팔로우|한정 할인|지금 구매',
  id: 'kode diskon|kode promo|penawaran khusus|produk baru kami|ikuti toko|follow toko|beli sekarang|flash sale',
  ms: 'kod diskaun|kod promosi|tawaran istimewa|produk baharu kami|ikuti kedai|beli sekarang',
  vi: 'mã khuyến mãi|ưu đãi đặc biệt|hàng mới về|theo dõi shop|theo dõi cửa hàng|mua ngay|khuyến mãi lớn',
  th: 'โค้ดส่วนลด|โปรโมชั่น|ข้อเสนอพิเศษ|สินค้ามาใหม่|ติดตามร้าน|กดติดตาม|ซื้อเลย',
  sv: 'rabattkod|kampanjkod|specialerbjudande|nyheter i butiken|nyhetsbrev|följ vår butik|följ oss|köp nu',
  hi: 'डिस्काउंट कोड|प्रोमो कोड|विशेष ऑफर',
});

/** With a reward beside it, an advertisement for the next order. */
export const nextOrder = phrasesOf(
  'next order|next purchase|下次购买|下次下单|nächste bestellung|nächsten einkauf|nächsten bestellung|prochaine commande|prochain achat|próxima compra|próximo pedido|prossimo acquisto|prossimo ordine|volgende bestelling|volgende aankoop|następne zakupy|następne zamówienie|příští nákup|příští objednávku|следующий заказ|следующую покупку|наступне замовлення|наступну покупку|sonraki siparişinizde|bir sonraki alışverişinizde|طلبك القادم|الشراء القادم|ההזמנה הבאה|הקנייה הבאה|次回のご購入|次回のお買い物|다음 구매|다음 주문|pesanan berikutnya|belanja berikutnya|pesanan seterusnya|pembelian seterusnya|đơn hàng tiếp theo|lần mua tiếp theo|คำสั่งซื้อครั้งถัดไป|ซื้อครั้งต่อไป|nästa köp|nästa beställning|अगली खरीद|अगले ऑर्डर',
);
