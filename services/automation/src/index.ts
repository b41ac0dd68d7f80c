export { type AutomationOptions, type AutomationService, openAutomation } from './app.ts';
