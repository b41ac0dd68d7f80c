import type { PlatformRule, Severity } from '../finding.ts';

/** A rule of a platform, and where it is written. */
export interface PackRule {
  readonly severity: Severity;
  /** Who says so. */
  readonly source: string;
  /** False: no text of the platform itself was found; the rule only warns. */
  readonly isVerified: boolean;
}

/** What one platform forbids in messages to buyers. */
export interface Pack {
  readonly platform: string;
  /** The names of its channels. */
  readonly channels: readonly string[];
  /** Links to these brands are its own. */
  readonly ownHosts: readonly string[];
  readonly rules: Readonly<Partial<Record<PlatformRule, PackRule>>>;
}

/** A rule that the platform has written down. */
export function written(severity: Severity, source: string): PackRule {
  return { severity, source, isVerified: true };
}

/** A rule that only others tell of. */
export function said(source: string): PackRule {
  return { severity: 'warn', source, isVerified: false };
}
