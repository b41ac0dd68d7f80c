import type { Place } from '../finding.ts';
import { phrasesOf, phrasesOfAll } from '../text/phrases.ts';

/** Messengers whose names are no words of any language. */
export const messengers = phrasesOf(
  'whatsapp|whats app|whatsap|watsapp|wtsapp|wechat|weixin|telegram|viber|kakaotalk|kakao talk|kakao id|카카오톡|카톡|zalo|snapchat|instagram|insta|facebook|skype|imo app|微信|威信号|薇信|维信|微 信|v信|v 信|加vx|+vx|vx:|vx号|我的vx|my vx|add vx|vx id|wx号|加v|+v|qq号|qq群|加qq|我的qq|加扣扣|扣扣号|我的扣扣|企鹅号|飞机号|抖音号|小红书号|line id|lineid|line@|lineで|公式ライン|ラインでご連絡|ラインでご相談|ラインでお問い合わせ|ラインでやり取り|ライン交換|ライン追加|ラインを追加|ライン登録|加line|แอดไลน์|เพิ่มไลน์|ไลน์ไอดี|ватсап*|вотсап*|вайбер*|телеграм*|واتساب|واتس|تلجرام|تيليجرام|ווטסאפ|טלגרם|व्हाट्सएप',
);

/** A short name that is a word of its own, with the account behind it: `QQ 123456789`, `ไลน์ @lumina`, `vx lumina2026`. */
const handles =
  /(?<![\p{L}\p{N}])(?:qq ?(?:号|is|:|是)? ?\d{5,11}|(?:line|kakao|insta|ins|ig|tg) ?(?:id|号|is|:|是)? ?@[a-z0-9._-]{3,}|[vw]x ?(?:id|号|is|:|是)? ?(?=[a-z_-]*\d)[a-z][a-z0-9_-]{5,19})(?![\p{L}\p{N}])|(?<!ออน)ไลน์ ?:? ?@[a-z0-9._-]{3,}/gu;

export function handlesIn(text: string): Place[] {
  return [...text.matchAll(handles)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}

/** What only looks like an entry of the two lists. */
export const harmless = phrasesOf('微信支付|微信付款|微信钱包|增加我|参加我|更加我|网站外|车站外|驿站外');

/** Asking the buyer to go on elsewhere. */
export const elsewhere = phrasesOfAll({
  en: 'add me on|contact me on|message me on|outside the platform|outside of the platform|outside this platform|off the platform|off-platform|send us an email|send me an email|email us|e-mail us|email me|visit our website|on our website|our own website|our official website|dm me|text me|find us on google',
  zh: '加我|私聊|私下联系|站外|平台外|私下交易|线下交易|加个好友|加好友|发邮件给|官网下单|我们的官网|我们官网|独立站',
  de: 'außerhalb der plattform|auf unserer website|auf unserer webseite|schreiben sie uns eine e-mail|schicken sie uns eine e-mail|in unserem onlineshop',
  fr: 'en dehors de la plateforme|hors de la plateforme|sur notre site|envoyez-nous un e-mail|envoyez-nous un mail|notre propre site',
  es: 'fuera de la plataforma|en nuestra web|en nuestra página web|envíenos un correo|escríbame al correo|nuestro sitio web',
  pt: 'fora da plataforma|em nosso site|no nosso site|envie um e-mail|nosso próprio site|me chama no zap|no zap',
  it: 'fuori dalla piattaforma|al di fuori della piattaforma|sul nostro sito|ci mandi una e-mail|ci invii una mail',
  nl: 'buiten het platform|op onze website|stuur ons een e-mail|onze eigen webshop',
  pl: 'poza platformą|na naszej stronie internetowej|proszę napisać na e-mail|w naszym sklepie internetowym',
  cs: 'mimo platformu|na našem webu|na našem e-shopu|napište nám e-mail',
  ru: 'вне платформы|в обход площадки|на нашем сайте|напишите нам на почту|в личку',
  uk: 'поза платформою|на нашому сайті|напишіть нам на пошту',
  tr: 'platform dışında|platform dışı|web sitemizde|web sitemizden|bize e-posta gönderin',
  ar: 'خارج المنصة|على موقعنا|راسلنا على البريد',
  he: 'מחוץ לפלטפורמה|באתר שלנו|שלחו לנו מייל',
  ja: 'プラットフォーム外|サイト外|直接取引|弊社公式サイト|自社サイト|メールでご連絡ください',
  ko: '플랫폼 밖|직거래|저희 홈페이지|이메일로 연락|자사몰',
  id: 'di luar platform|di website kami|lewat email|japri|lewat wa|via wa|chat wa',
  ms: 'di luar platform|laman web kami|e-mel kami|wasap',
  vi: 'ngoài nền tảng|ngoài sàn|trên website của chúng tôi|gửi email cho chúng tôi|kết bạn zalo',
  th: 'นอกแพลตฟอร์ม|เว็บไซต์ของเรา|ส่งอีเมลมา|ทักไลน์',
  sv: 'utanför plattformen|på vår webbplats|mejla oss',
  hi: 'प्लेटफ़ॉर्म के बाहर|हमारी वेबसाइट',
});
