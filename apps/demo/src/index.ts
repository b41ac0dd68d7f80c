export { answerOverHttp, type Ask, askOverHttp, fieldIn, textIn } from './ask.ts';
export { demoVariables } from './config.ts';
export { connectShops } from './connect-shops.ts';
export { openFirstSeller } from './first-seller.ts';
export { loadArticles } from './load-articles.ts';
export { loadRules } from './load-rules.ts';
export { loadTemplates } from './load-templates.ts';
export { showChanges } from './show-changes.ts';
export { lumina, nordic, type Person, type Seller } from './sellers.ts';
