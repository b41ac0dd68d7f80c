import type { Finding, LintRule } from './finding.ts';

const said = (en: string, zh: string) => ({ en, zh });

/** What each rule says to the person who writes. */
export const ruleMessages: Readonly<Record<LintRule, Finding['message']>> = {
  'contact-data': said(
    'The platform forbids phone numbers, e-mail addresses and messenger names: leave them out.',
    '平台禁止发送电话号码、邮箱和社交账号：请删除。',
  ),
  'foreign-link': said(
    'The platform forbids links to other sites: leave the link out.',
    '平台禁止发送站外链接：请删除该链接。',
  ),
  'off-platform': said(
    'The platform forbids moving the conversation elsewhere: answer here.',
    '平台禁止引导买家到站外沟通：请在站内回复。',
  ),
  'off-platform-payment': said(
    'The platform forbids payment outside of it: leave this out.',
    '平台禁止站外付款：请删除相关内容。',
  ),
  'review-request': said('The platform limits requests for reviews: leave it out.', '平台限制索要评价：请删除。'),
  'review-begging': said(
    'The platform forbids asking for a good review: leave it out.',
    '平台禁止索要好评：请删除相关内容。',
  ),
  'review-incentive': said(
    'The platform forbids offering anything for a review: leave it out.',
    '平台禁止以任何利益换取评价：请删除相关内容。',
  ),
  marketing: said(
    'The platform forbids advertising in messages: leave it out.',
    '平台禁止在消息中发送营销内容：请删除。',
  ),
  emoji: said('The platform forbids emoji in messages: leave them out.', '平台禁止在消息中使用表情符号：请删除。'),
  'claim-amount': said(
    'The amount is more than the buyer paid for this order: check it.',
    '该金额高于买家为此订单支付的金额：请核对。',
  ),
  'claim-currency': said(
    'The order was paid in another currency: check the amount.',
    '该订单使用其他币种支付：请核对金额。',
  ),
  'claim-status': said('The order is not in this state: check it.', '订单并非处于该状态：请核对。'),
  'claim-date': said('The promised day has passed already: check it.', '承诺的日期已过：请核对。'),
  'claim-days': said('The policy gives another number of days: check it.', '该天数与政策不符：请核对。'),
  'claim-order': said('This is the order of another buyer: take it out.', '这是其他买家的订单号：请删除。'),
  'tone-mixed-address': said(
    'The buyer is addressed formally and informally: choose one.',
    '对买家的称呼前后不一致：请统一。',
  ),
  'tone-blame': said('This blames the buyer: say what you can do instead.', '这句话在责怪买家：请改为说明解决办法。'),
  'tone-rude': said('This sounds rude: say it politely.', '这句话不礼貌：请换一种说法。'),
  'tone-cold': said('This sounds cold: say what you can do.', '这句话显得冷漠：请说明您能做什么。'),
  'tone-capitals': said('Capitals look like shouting: write as usual.', '全部大写像在喊叫：请使用正常大小写。'),
  'tone-no-honorific': said('The polite form is missing: add it.', '缺少敬语：请补上。'),
  'tone-no-empathy': said(
    'The buyer is angry: begin with an apology or with understanding.',
    '买家正在生气：请先致歉或表示理解。',
  ),
};
