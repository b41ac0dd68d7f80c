export { type AnalyticsService, openAnalytics } from './app.ts';
