export { type AutomationService, openAutomation } from './app.ts';
