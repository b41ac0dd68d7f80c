import type { StarterTemplate } from './starter-template.ts';

/** The words around an answer. */
export const courtesyTemplates: readonly StarterTemplate[] = [
  {
    key: 'greeting',
    name: 'Greeting · 问候',
    situation: 'GREETING',
    variables: {},
    texts: {
      en: 'Hello, and thank you for your message. How can we help you?',
      'zh-CN': '您好，感谢您的联系。请问有什么可以帮您？',
      de: 'Guten Tag und vielen Dank für Ihre Nachricht. Wie können wir Ihnen helfen?',
      es: 'Hola, gracias por su mensaje. ¿En qué podemos ayudarle?',
      fr: 'Bonjour et merci pour votre message. Comment pouvons-nous vous aider ?',
      it: 'Buongiorno e grazie per il messaggio. Come possiamo aiutarla?',
      ja: 'お問い合わせいただきありがとうございます。どのようなご用件でしょうか。',
      nl: 'Hallo en bedankt voor uw bericht. Hoe kunnen we u helpen?',
      'pt-BR': 'Olá, obrigado pela mensagem. Como podemos ajudar?',
    },
  },
  {
    key: 'away',
    name: 'Away · 非工作时间',
    situation: 'AWAY',
    variables: {},
    texts: {
      en: 'Thank you for your message. Nobody of our team is here at the moment. We have received your question and will answer it as soon as we are back.',
      'zh-CN': '您好，感谢您的留言。目前不在客服工作时间，我们已收到您的问题，上班后会第一时间回复您。',
      de: 'Vielen Dank für Ihre Nachricht. Zurzeit ist niemand aus unserem Team da. Ihre Frage ist bei uns angekommen, und wir antworten, sobald wir zurück sind.',
      es: 'Gracias por su mensaje. En este momento no hay nadie de nuestro equipo. Hemos recibido su consulta y le responderemos en cuanto volvamos.',
      fr: 'Merci pour votre message. Notre équipe n’est pas là en ce moment. Nous avons bien reçu votre question et y répondrons dès notre retour.',
      it: 'Grazie per il messaggio. Al momento non c’è nessuno del nostro team. Abbiamo ricevuto la sua domanda e risponderemo appena torneremo.',
      ja: 'お問い合わせいただきありがとうございます。ただいま営業時間外のため、担当者が不在です。ご質問は確かに受け取りましたので、営業開始後に順次ご返信いたします。',
      nl: 'Bedankt voor uw bericht. Er is op dit moment niemand van ons team aanwezig. We hebben uw vraag ontvangen en antwoorden zodra we terug zijn.',
      'pt-BR':
        'Obrigado pela mensagem. No momento não há ninguém da nossa equipe. Recebemos a sua pergunta e responderemos assim que voltarmos.',
    },
  },
  {
    key: 'goodbye',
    name: 'Goodbye · 结束语',
    situation: 'GOODBYE',
    variables: {},
    texts: {
      en: 'Thank you for writing to us. If anything else comes up, we are glad to help. Have a nice day.',
      'zh-CN': '感谢您的咨询。如还有其他问题，欢迎随时联系我们。祝您生活愉快。',
      de: 'Vielen Dank, dass Sie uns geschrieben haben. Wenn noch etwas ist, helfen wir gern. Einen schönen Tag noch.',
      es: 'Gracias por escribirnos. Si surge algo más, le ayudaremos con gusto. Que tenga un buen día.',
      fr: 'Merci de nous avoir écrit. Si vous avez encore besoin de nous, nous vous aiderons volontiers. Bonne journée.',
      it: 'Grazie per averci scritto. Se ha bisogno di altro, saremo lieti di aiutarla. Buona giornata.',
      ja: 'ご連絡いただきありがとうございました。ほかに何かございましたら、いつでもお知らせください。',
      nl: 'Bedankt dat u ons hebt geschreven. Als er nog iets is, helpen we u graag. Een fijne dag nog.',
      'pt-BR': 'Obrigado por escrever. Se surgir mais alguma coisa, teremos prazer em ajudar. Tenha um bom dia.',
    },
  },
];
