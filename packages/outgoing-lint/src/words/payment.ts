import { phrasesOf, phrasesOfAll } from '../text/phrases.ts';

/** Ways to pay that no platform offers to a seller. */
export const instruments = phrasesOf(
  'paypal|western union|moneygram|venmo|zelle|cash app|cashapp|payoneer|wise|revolut|bitcoin|usdt|crypto|iban|bank transfer|wire transfer|bank account|our account|alipay|支付宝|银行卡|银行账户|银行转账|对公账户|微信支付|收款码|überweisung|überweisen|bankkonto|konto|virement|compte bancaire|transferencia|cuenta bancaria|pix|transferência|conta bancária|bonifico|conto bancario|conto corrente|overschrijving|bankrekening|przelew*|konto bankowe|bankovní převod|účet|перевод на карту|банковский счет|банковск*|на карту|на картку|переказ*|havale|eft|banka hesab*|تحويل بنكي|حساب بنكي|העברה בנקאית|חשבון בנק|銀行振込|銀行口座|振込|계좌|무통장|transfer bank|rekening|pindahan bank|akaun bank|chuyển khoản|tài khoản ngân hàng|โอนเงิน|บัญชีธนาคาร|banköverföring|bankkonto|swish|बैंक खाते',
);

/** The buyer is to pay. */
export const payNow = phrasesOfAll({
  en: 'pay us|pay me|pay via|pay by|pay through|pay with|pay to|pay directly|please pay|send the money|send the payment|transfer the money|transfer the amount|make the payment|transfer to',
  zh: '付款到|打款到|转账到|转到我|付到|转账给|打到|直接付款|直接转账|私下付|请付|汇款到|扫码付|转给我',
  de: 'bezahlen sie|zahlen sie|überweisen sie|bezahle|überweise|bitte zahlen|bitte überweisen|direkt bezahlen|zahlung auf',
  fr: 'payez|payer par|réglez|virez|envoyez le paiement|faites un virement|paiement direct',
  es: 'pague|pagar por|págueme|paga por|envíe el pago|haga una transferencia|transfiera|pago directo',
  pt: 'pague|pagar por|faça um pix|envie o pagamento|faça uma transferência|transfira|pagamento direto',
  it: 'paghi|pagare con|paga con|invii il pagamento|faccia un bonifico|pagamento diretto',
  nl: 'betaal|betalen via|maak het bedrag over|maakt u het bedrag over|overmaken naar|betaalt u',
  pl: 'proszę zapłacić|zapłacić przez|proszę przelać|wpłacić|zapłać|wpłata na',
  cs: 'zaplaťte|zaplatit přes|převeďte|pošlete peníze|platbu na',
  ru: 'оплатите|переведите|оплатить через|перевести деньги|отправьте деньги|оплата на',
  uk: 'оплатіть|перекажіть|сплатіть|надішліть гроші',
  tr: 'ödeyin|ödeme yapın|gönderin|yatırın|ödemeyi',
  ar: 'ادفع|يرجى الدفع|حول المبلغ|أرسل المال|الدفع عبر',
  he: 'שלמו|לשלם דרך|העבירו|לשלם ב',
  ja: 'お支払いください|振り込んで|お振込みください|送金|でお支払い',
  ko: '입금해|송금해|결제해 주|이체해|입금 부탁',
  id: 'bayar lewat|bayar via|transfer ke|silakan bayar|kirim uang|silakan transfer',
  ms: 'bayar melalui|bayar terus|sila bayar|pindahkan wang|hantar wang',
  vi: 'thanh toán qua|vui lòng chuyển|hãy chuyển|chuyển tiền|chuyển khoản vào|trả qua',
  th: 'โอนมา|โอนเงินมา|ชำระผ่าน|จ่ายผ่าน|กรุณาโอน',
  sv: 'betala via|betala med|betala till|swisha|skicka pengarna',
  hi: 'भुगतान करें|पैसे भेजें',
});
