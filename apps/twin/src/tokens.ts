import { timingSafeEqual } from 'node:crypto';
import type { Clock } from './model.ts';
import { seconds } from './model.ts';
import type { Seed } from './seed.ts';

export type TokenCheck = 'valid' | 'expired' | 'invalid';

/**
 * A token is its expiry and its serial in clear, then a MAC of both under the seed. A restarted twin therefore still
 * accepts the tokens it issued before. It remembers only which tokens were revoked or spent, and only while it runs.
 */
export class Tokens {
  readonly #seed: Seed;
  readonly #clock: Clock;
  readonly #dead = new Set<string>();
  #serial = 0;

  constructor(seed: Seed, clock: Clock) {
    this.#seed = seed;
    this.#clock = clock;
  }

  /** The first token: the same for all calls within half a lifetime, unless it is spent. */
  current(kind: string, owner: string, livesForSeconds: number): { token: string; expiresAt: number } {
    const half = livesForSeconds / 2;
    const expiresAt = (Math.floor(seconds(this.#clock()) / half) + 2) * half;
    const token = this.#mint(kind, owner, expiresAt, 0);
    return this.#dead.has(token) ? this.issue(kind, owner, livesForSeconds) : { token, expiresAt };
  }

  issue(kind: string, owner: string, livesForSeconds: number): { token: string; expiresAt: number } {
    const expiresAt = seconds(this.#clock()) + livesForSeconds;
    this.#serial += 1;
    // The milliseconds keep the serials of a restarted twin different from those of the previous run.
    return { token: this.#mint(kind, owner, expiresAt, this.#clock().getTime() + this.#serial), expiresAt };
  }

  check(kind: string, owner: string, token: string): TokenCheck {
    const match = /^([0-9a-f]{8})([0-9a-f]{12})[0-9a-f]{40}$/.exec(token);
    if (match?.[1] === undefined || match[2] === undefined) return 'invalid';
    const expiresAt = Number.parseInt(match[1], 16);
    const genuine = this.#mint(kind, owner, expiresAt, Number.parseInt(match[2], 16));
    if (!timingSafeEqual(Buffer.from(genuine), Buffer.from(token))) return 'invalid';
    return this.#dead.has(token) || expiresAt <= seconds(this.#clock()) ? 'expired' : 'valid';
  }

  /** Invalidates a spent refresh token, or an access token that the platform has withdrawn. */
  kill(token: string): void {
    this.#dead.add(token);
  }

  #mint(kind: string, owner: string, expiresAt: number, serial: number): string {
    const head = expiresAt.toString(16).padStart(8, '0') + serial.toString(16).padStart(12, '0');
    return head + this.#seed.hex(40, 'token', kind, owner, head);
  }
}
