import type { MessageId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import type { TranslationMode } from './message-translation.domain.ts';
import {
  lockMessage,
  lockSetting,
  type MessageTranslationRow,
  readSetting,
  saveMessage,
  saveSetting,
  type SettingRow,
} from './message-translation.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

export interface SettingChange {
  readonly targetLocale: string;
  readonly mode: TranslationMode;
  readonly expectedVersion: number | null;
}

const noLocale = 'This is no language: write BCP 47, for instance zh-CN.';

/** Sets into which language messages are translated, and when. */
export async function changeSetting(
  { clock }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { targetLocale, mode, expectedVersion }: SettingChange,
): Promise<Outcome<SettingRow, 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const locale = canonicalLocale(targetLocale);
  if (locale === null) return refuse('INVALID_INPUT', 'targetLocale', noLocale);
  const present = await lockSetting(trx, tenantId);
  if (present?.target_locale === locale && present.mode === mode) return unchanged(present);
  const version = present?.version ?? 0;
  if (version !== (expectedVersion ?? 0)) {
    const message = `The settings are at version ${version} now: read them, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  const row: SettingRow = {
    ...{ tenant_id: tenantId, target_locale: locale, mode },
    ...{ version: version + 1, changed_at: clock.now() },
  };
  await saveSetting(trx, row);
  return changed(row, tenantId);
}

export interface MessageWish {
  readonly messageId: MessageId;
  /** Null: the language of the workspace. */
  readonly targetLocale: string | null;
}

/** Makes the translation of a message due now, also one that was given up. */
export async function requestTranslation(
  { clock }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { messageId, targetLocale }: MessageWish,
): Promise<Outcome<MessageTranslationRow, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const rows = await lockMessage(trx, tenantId, messageId);
  const [known] = rows;
  if (known === undefined || known.source === '') return noMessage;
  const target = targetOf(targetLocale, (await readSetting(trx, tenantId))?.target_locale ?? null);
  if (!target.ok) return target;
  const present = rows.find((row) => row.target_locale === target.value);
  if (present !== undefined && present.state !== 'waiting' && present.state !== 'none') return unchanged(present);
  const now = clock.now();
  const row: MessageTranslationRow = {
    ...(present ?? known),
    target_locale: target.value,
    ...{ target: null, state: 'queued', engine: null, findings: [], tries: 0, due_at: now, changed_at: now },
  };
  await saveMessage(trx, row);
  return changed(row, messageId);
}

const noMessage = refuse(
  'NOT_FOUND',
  'messageId',
  'No words of this message are kept: it is in your language, or came while translation was off.',
);

function targetOf(wanted: string | null, ofWorkspace: string | null): Decision<string, 'INVALID_INPUT'> {
  const locale = wanted === null ? ofWorkspace : canonicalLocale(wanted);
  return locale === null ? refuse('INVALID_INPUT', 'targetLocale', noLocale) : accept(locale);
}
