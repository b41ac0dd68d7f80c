export type { Ask } from './ask.ts';
export { connectShops } from './connect-shops.ts';
export { lumina, nordic, type Person } from './sellers.ts';
