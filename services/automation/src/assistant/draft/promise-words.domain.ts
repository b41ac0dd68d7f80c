type Gift = 'refund' | 'discount' | 'replacement' | 'compensation';

/** Beginnings of words for what a shop may give, in the languages of its buyers, parted by `|`. */
export const gifts: Readonly<Record<Gift, string>> = {
  refund:
    'refund|money back|reimburs|退款|退钱|返金|払い戻|환불|erstatt|geld zurück|rembours|reembols|devolución del dinero|devolver el dinero|devolver su dinero|devolver tu dinero|devolveremos|estorn|rimbors|terugbetal|geld terug|zwrot|zwroc|zwróc|возврат денег|вернем деньги|вернём деньги|вернем вам деньги|возместим|повернемо|повернення кошт|iade|pengembalian dana|dana kembali|kembalikan dana|bayaran balik|pulangkan wang|hoàn tiền|hoàn lại tiền|คืนเงิน|استرداد|سنرد|رد المبلغ|החזר|נחזיר',
  discount:
    "discount|coupon|voucher|gift card|promo code|折扣|优惠券|优惠码|代金券|礼品卡|割引|クーポン|ギフト券|할인|쿠폰|기프트|rabatt|gutschein|nachlass|remise|réduction|bon d’achat|bon d'achat|code promo|descuento|cupón|cupon|vale de|desconto|cupom|sconto|buono|korting|tegoedbon|cadeaubon|rabat|bon podarunkowy|kupon|скидк|купон|промокод|знижк|indirim|hediye çeki|diskon|baucar|diskaun|phiếu giảm|giảm giá|mã giảm|ส่วนลด|คูปอง|خصم|قسيمة|הנחה|קופון|שובר",
  replacement:
    'replacement|free of charge|for free|send you a new|new one|换新|补发|免费|重新发|新品|交換|無料|再送|교환|무료|재발송|ersatz|kostenlos|gratis|umsonst|remplac|gratuit|reemplaz|reposición|substitu|grátis|gratuita|sostitu|gratuito|vervang|wymien|wymian|bezpłatn|darmow|замен|бесплатн|замін|безкоштовн|değişim|ücretsiz|bedava|pengganti|cuma-cuma|percuma|ganti baharu|đổi mới|miễn phí|gửi lại|ของใหม่|ฟรี|بديل|مجان|חלופי|חינם',
  compensation:
    'compensat|goodwill|赔偿|补偿|賠償|補償|お詫びとして|보상|배상|entschädig|schadenersatz|kulanz|dédommag|indemni|compensa|indemniz|risarc|schadeloos|vergoed|odszkodowan|rekompensat|компенс|tazmin|kompensasi|ganti rugi|pampasan|bồi thường|đền bù|ชดเชย|تعويض|פיצוי|נפצה',
};

/** How a promise is made, or a thing said to be done. A sentence without one of these may still speak of a gift. */
export const promises: readonly string[] = [
  "we will refund|we'll refund|i will refund|i'll refund|will be refunded|has been refunded|have refunded|been issued|we have issued|refund is approved|refund has been|full refund|will receive a|will receive your|you will get|we guarantee|i guarantee|i promise|we promise|we will send you|we'll send you|we will give|we'll give|here is your|is yours|we will pay|we'll pay|we will compensate|we will replace|we'll replace|on the house|approved",
  '会给您退|会退款|将退款|给您退款|已退款|为您退款|全额退款|已经退|保证|承诺|给您补|为您补发|会补发|送您|赠送|会赔|给您赔|赔偿您|补偿您|已批准|已为您',
  'wir erstatten|erstatten wir|wird erstattet|wurde erstattet|haben wir erstattet|ich erstatte|erstatte ihnen|erhalten sie|bekommen sie|wir garantieren|garantieren wir|versprechen|schenken wir|wir schicken ihnen|senden wir ihnen|wir senden ihnen|genehmigt|wir entschädigen|wir ersetzen|volle erstattung|vollständig erstattet',
  'nous vous rembours|nous remboursons|sera remboursé|a été remboursé|avons remboursé|serez remboursé|vous recevrez|vous allez recevoir|nous garantissons|garantissons|nous vous offrons|je vous offre|promettons|remboursement intégral|nous vous enverrons|approuvé',
  'le reembolsaremos|te reembolsaremos|reembolsaremos|será reembolsado|ha sido reembolsado|hemos reembolsado|le devolveremos|te devolveremos|recibirá|recibirás|garantizamos|prometemos|le regalamos|le daremos|te daremos|le enviaremos|reembolso completo|reembolso total|aprobado',
  'reembolsaremos|vamos reembolsar|será reembolsado|foi reembolsado|você receberá|receberá|garantimos|prometemos|vamos enviar|enviaremos|vamos lhe dar|reembolso total|reembolso integral|aprovado|devolveremos',
  'ti rimborseremo|la rimborseremo|rimborseremo|sarà rimborsato|è stato rimborsato|abbiamo rimborsato|riceverà|riceverai|garantiamo|promettiamo|le regaliamo|rimborso completo|rimborso totale|approvato|invieremo',
  'betalen wij|betalen we|wordt terugbetaald|is terugbetaald|u ontvangt|je ontvangt|ontvangt u|garanderen|beloven|sturen wij|sturen we|volledige terugbetaling|goedgekeurd',
  'zwrócimy|zwrocimy|zostanie zwrócon|został zwrócon|otrzyma|gwarantujemy|obiecujemy|wyślemy|pełny zwrot|zatwierdzon|damy',
  'вернем|вернём|будет возвращ|был возвращ|вы получите|получите|гарантируем|обещаем|вышлем|отправим вам|полный возврат|одобрен|компенсируем|дарим',
  'повернемо|буде поверн|ви отримаєте|отримаєте|гарантуємо|обіцяємо|надішлемо|повне повернення|схвален|компенсуємо',
  '返金いたします|返金します|返金しました|返金いたしました|全額返金|お約束|保証いたします|保証します|差し上げます|お送りします|お送りいたします|進呈|承認されました|補償いたします|無料でお',
  '환불해 드리|환불해드리|환불됩니다|환불되었|전액 환불|약속|보장|드리겠습니다|보내드리|승인되었|보상해',
  'akan kami refund|akan mengembalikan|kami akan mengembalikan|dana akan dikembalikan|sudah dikembalikan|anda akan menerima|kami jamin|kami menjamin|kami janji|kami berjanji|kami akan mengirim|kami berikan|pengembalian dana penuh|disetujui|anda akan mendapat',
  'kami akan memulangkan|akan dipulangkan|telah dipulangkan|bayaran balik penuh|anda akan menerima|diluluskan|kami jamin|kami akan menghantar',
  'sẽ hoàn tiền|sẽ hoàn lại|đã hoàn tiền|sẽ được hoàn|được hoàn tiền|bạn sẽ nhận|quý khách sẽ nhận|cam kết|đảm bảo|hứa|sẽ gửi lại|sẽ tặng|hoàn tiền toàn bộ|hoàn tiền 100|đã được duyệt|bồi thường cho',
  'จะคืนเงิน|คืนเงินให้|คืนเงินเต็ม|คืนเงินแล้ว|จะได้รับ|รับประกัน|สัญญา|จะส่งให้|มอบให้|อนุมัติ|ชดเชยให้',
  'iade edeceğiz|iade edilecek|iade edildi|iade ettik|tam iade|alacaksınız|garanti ediyoruz|söz veriyoruz|göndereceğiz|hediye ediyoruz|onaylandı|tazmin edeceğiz',
  'سنرد|سنعيد|تم رد|تم استرداد|سيتم رد|سيتم استرداد|ستحصل|ستتلقى|نضمن|نعدك|نعد|سنرسل|كامل المبلغ|تمت الموافقة|سنعوض',
  'נחזיר|יוחזר|הוחזר|תקבל|מתחייבים|מבטיחים|נשלח לך|החזר מלא|אושר|נפצה',
];
