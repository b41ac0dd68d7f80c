/**
 * The words with which programs begin the mail that is answered. One list for all languages: a mail does not tell the language of its
 * program. Each pattern is for one line, or for up to three lines joined by spaces.
 */
export const attributions: readonly RegExp[] = [
  // Gmail, Apple Mail, Thunderbird: "On <date>, <name> wrote:"
  /^On .+ wrote ?[:：]$/i,
  /^\D*\d.* wrote ?[:：]$/i,
  /^Am .+ schrieb.{0,120}[:：]$/i,
  /^Le .+ a écrit ?[:：]$/i,
  /^El .+ escribió ?[:：]$/i,
  /^Em .+ escreveu ?[:：]$/i,
  /^Il .+ ha scritto ?[:：]$/i,
  /^Op .+ (?:schreef|het volgende geschreven).{0,120}[:：]$/i,
  /^Den .+ skrev.{0,120}[:：]$/i,
  /^(?:W dniu|Dnia|pon|wt|śr|czw|pt|sob|niedz).+ (?:napisał\(?a?\)?|pisze) ?[:：]$/i,
  // Yandex: only the date and the address.
  /^\d{1,2}\.\d{1,2}\.\d{4},.+>[:：]$/,
  /^.+ (?:пишет|написал\(?а?\)?) ?[:：]$/i,
  /^.+ tarihinde .{0,120} şunu yazdı ?[:：]$/i,
  /^Pada .+ menulis ?[:：]$/i,
  /^Vào .+ đã viết ?[:：]$/i,
  /^ในวันที่.+เขียนว่า ?[:：]?$/,
  /^.+写道 ?[:：]$/,
  /^.+寫道 ?[:：]$/,
  /^.+님이 작성 ?[:：]$/,
  /^\d{4}年.+(?:[:：]|のメール[:：]?)$/,
  /^.*(?:كتب|بتاريخ).{0,120}[:：]$/,
  /^‫?בתאריך.+[:：]‬?$/,
];

/** "-----Original Message-----" and its translations. */
export const dividers: readonly RegExp[] = [
  /^-{2,}\s{0,3}(?:Original (?:Message|Appointment)|Reply message)\s{0,3}-{2,}$/i,
  /^-{2,}\s{0,3}(?:Ursprüngliche Nachricht|Originalnachricht|Message d['’]origine|Mensaje original|Mensagem original)\s{0,3}-{2,}$/i,
  /^-{2,}\s{0,3}(?:Messaggio originale|Oorspronkelijk bericht|Ursprungligt meddelande|Oprindelig meddelelse)\s{0,3}-{2,}$/i,
  /^-{2,}\s{0,3}(?:Исходное сообщение|Wiadomość oryginalna|Orijinal ileti|Pesan asli|Thư gốc)\s{0,3}-{2,}$/i,
  /^-{2,}\s{0,3}(?:原始邮件|原始郵件|回复的原邮件|元のメッセージ|Original Message|원본 메시지|원본메일)\s{0,3}-{2,}$/,
];

/** The first line of a mail that is passed on: what follows is what the buyer wants to say. */
export const forwards: readonly RegExp[] = [
  /^-{2,}\s{0,3}(?:Forwarded message|Weitergeleitete Nachricht|Message transféré|Mensaje reenviado|Mensagem encaminhada)\s{0,3}-{2,}$/i,
  /^-{2,}\s{0,3}(?:Messaggio inoltrato|Doorgestuurd bericht|Пересылаемое сообщение|转发的邮件|轉寄的郵件|転送メッセージ|전달된 메시지)\s{0,3}-{2,}$/i,
  /^(?:Begin forwarded message|Anfang der weitergeleiteten Nachricht|Début du message transféré|Inicio del mensaje reenviado|Inizio messaggio inoltrato) ?[:：]$/i,
];

/** The labels of the header block with which Outlook and QQ Mail begin the mail that is answered. */
export const labels = {
  from: /^[>*\s]{0,4}(?:From|Von|De|Da|Van|Från|Fra|Od|От|Отправитель|发件人|寄件者|差出人|보낸 사람|Kimden|Dari|Từ|จาก|من)\*?\s?[:：]/i,
  sent: /^[>*\s]{0,4}(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el| em)?|Enviada em|Fecha|Data|Inviato|Verzonden|Skickat|Sendt|Wysłano|Отправлено|Дата|发送时间|发送日期|日期|寄件日期|送信日時|보낸 날짜|날짜|Gönderildi|Tarih|Dikirim|Đã gửi|ส่ง|تاريخ الإرسال)\*?\s?[:：]/i,
  rest: /^[>*\s]{0,4}(?:To|An|À|A|Para|Aan|Till|Til|Do|Кому|收件人|收件者|宛先|받는 사람|Kime|Kepada|Đến|ถึง|إلى|Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Temat|Тема|主题|主旨|件名|제목|Konu|Subjek|Chủ đề|เรื่อง|الموضوع)\*?\s?[:：]/i,
} as const;

/** How programs write that a subject is of an answer, in front of it. */
export const answerMark =
  /^\s{0,10}(?:re|aw|sv|vs|antw|odp|rif|ref|回复|回覆|答复|返信|답장|ynt|отв?)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}[:：]/i;
/** And that it is passed on. */
export const forwardMark = /^\s{0,10}(?:fwd?|wg|tr|rv|enc|i|doorst|pd|转发|轉寄|転送|전달|ilt|пересл)\s{0,3}[:：]/i;
