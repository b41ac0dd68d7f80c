import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { type LocalText, refuseTexts } from '../outreach/outreach.domain.ts';
import type { NoticeStage } from '../order/stage.domain.ts';

/** What a store tells its buyers at a stage of their order. */
export interface StageNotice {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly stage: NoticeStage;
  readonly texts: readonly LocalText[];
  readonly isOn: boolean;
  /** Changes of orders from before are not told. */
  readonly onSince: Date;
  readonly version: number;
}

export interface StageNoticeWish extends Pick<StageNotice, 'tenantId' | 'accountId' | 'stage' | 'texts' | 'isOn'> {
  /** 0 for a notice that does not exist yet. */
  readonly expectedVersion: number;
}

/** Sets a notice. Switching it on begins now: what happened to orders before stays untold. */
export function setNotice(
  known: StageNotice | null,
  { expectedVersion, ...wish }: StageNoticeWish,
  now: Date,
): Decision<StageNotice, 'INVALID_INPUT' | 'VERSION_CONFLICT'> {
  const version = known?.version ?? 0;
  if (version !== expectedVersion) {
    const message = `The notice has changed: read it again, then send expectedVersion ${version}.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  const refusal = refuseTexts('stage-notice', wish.texts);
  if (refusal !== null) return refusal;
  const onSince = known !== null && known.isOn && wish.isOn ? known.onSince : now;
  return accept({ ...wish, onSince, version: version + 1 });
}
