export { type AnalyticsService, openAnalytics } from './app.ts';
export { inboxProjection } from './inbox/inbox.projection.ts';
