export { type AnalyticsService, openAnalytics } from './app.ts';
export { inboxProjection } from './consumers/inbox.projection.ts';
