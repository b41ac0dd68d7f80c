import { phrasesOf, phrasesOfAll } from '../text/phrases.ts';

/** What is named behind these words is refused. Where `not` also invites ("no dude en …"), the verb is part of it. */
export const refusedBehind = phrasesOfAll({
  en: "cannot|can't|can not|could not|couldn't|unable to|not able to|not allowed|not permitted|may not|must not|do not|don't|does not|doesn't|will not|won't|never|not on|not via|not by|not through|not use|have no",
  zh: '不能|不可以|无法|不支持|不允许|不得|不方便|不会|禁止|请勿|不要|不加|别加|不使用|没有',
  de: 'nicht|kein|keine|keinen|keinem|keiner|nie|niemals',
  fr: "ne pouvons|ne peux|ne peut|n'utilis*|n'avons|n'est|n'acceptons|ne sommes|ne pas|pas",
  es: 'no podemos|no puedo|no se puede|no está permitido|no usamos|no utilizamos|no tenemos|no ofrecemos|no aceptamos|no es posible|no nos|no por|no vamos|no le|nunca',
  pt: 'não|nunca',
  it: 'non|mai',
  nl: 'niet|geen|nooit',
  pl: 'nie możemy|nie mogę|nie można|nie wolno|nie korzystamy|nie używamy|nie mamy|nie przez|nigdy',
  cs: 'nemůžeme|nemohu|nelze|nepoužíváme|nesmíme|nemáme|není|nikdy',
  ru: 'не можем|не могу|нельзя|не используем|не пользуемся|не имеем|не принимаем|не отвечаем|никогда',
  uk: 'не можемо|не можу|не можна|не використовуємо|не користуємося|не маємо|ніколи',
  ar: 'لا يمكن|لا نستطيع|لا نستخدم|لا يسمح|غير مسموح|لن نستخدم|لن نتمكن|ليس لدينا',
  he: 'לא ניתן|לא נוכל|לא יכולים|לא יכולה|איננו|אין אפשרות|אין באפשרותנו|אין לנו|אסור',
  id: 'tidak|bukan|jangan|tanpa',
  ms: 'tidak|bukan|jangan|tanpa',
  vi: 'không thể|không được|không dùng|không sử dụng|không hỗ trợ|không có|chưa thể|đừng',
  th: 'ไม่สามารถ|ไม่อนุญาต|ไม่รับ|ไม่ได้ใช้|ไม่มี|ไม่ใช้|ห้าม',
  sv: 'inte|aldrig|ingen|inget',
});

/** What is named before these words is refused: in some languages the verb comes last. */
export const refusedBefore = phrasesOfAll({
  en: 'is not possible|is not allowed|is not available|is not supported|are not allowed|is forbidden',
  zh: '不能|不可以|不行|不允许|不支持|不方便',
  de: 'nicht|nie',
  nl: 'niet',
  tr: '*amıyoruz|*emiyoruz|*amayız|*emeyiz|*amıyorum|*emiyorum|*mıyoruz|*miyoruz|*muyoruz|*müyoruz|mümkün değil|yasak*',
  ja: 'できません|できかね|いたしかね|致しかね|できない|しておりません|していません|使えません|禁止|お断り|不可',
  ko: '수 없|어렵습니다|불가|하지 않|지 않습니다|안 됩니다|안됩니다|못합니다|금지',
  hi: 'नहीं',
});

/** With these a denial is an invitation, a condition or a reason to go elsewhere. */
export const inviting = phrasesOf(
  "hesitate|forget|why not|why don't|only|unless|except|other than|otherwise|if|when|wait|sure|here|now|less|here's|zögern|vergessen|nur|außer|hier|wenn|falls|sonst|weniger|warum|hésit*|oubli*|si|ici|pourquoi|sauf|moins|seulement|dude|olvide|aquí|salvo|menos|solo|sólo|hesit*|esqueç*|aqui|só|esit*|dimentich*|qui|se|solo|aarzel*|vergeet|hier|als|alleen|waarom|waha*|zapom*|tutaj|jeśli|tylko|váhej*|tady|pokud|jen|стесня*|забуд*|здесь|если|только|вагай*|соромт*|тут|якщо|тільки|burada|sadece|هنا|إذا|فقط|כאן|אם|רק|ragu|lupa|sungkan|segan|di sini|kalau|jika|hanya|ngại|quên|ở đây|nếu|chỉ|ลืม|เกรงใจ|ที่นี่|ถ้า|หาก|เท่านั้น|tveka|glöm|här|om|bara|यहाँ|अगर|केवल|这里|此处|这边聊|否则|不然|要不|只能|如果|才能|不要客气|不要犹豫|不要忘|不加价|不加钱|没有问题|着急|担心|的话|操作|退款加|退款请|退款可|解决加|处理加|图加|图片加|しか|でないと|でなければ|以外|ください|下さい|こちらで|밖에|아니면|으로만|여기",
);
