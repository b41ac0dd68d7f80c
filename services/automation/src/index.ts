export { type AutomationOptions, type AutomationService, openAutomation } from './app.ts';
export { understand } from './analysis/understand.ts';
