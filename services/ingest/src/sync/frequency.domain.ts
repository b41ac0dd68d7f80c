import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';

export const syncFrequencies = ['realtime', 'every-5-min', 'every-30-min', 'custom'] as const;
export type SyncFrequency = (typeof syncFrequencies)[number];

const secondsOf = { realtime: 30, 'every-5-min': 300, 'every-30-min': 1_800 } as const;
const secondsMin = 15;
const secondsMax = 86_400;

/** The seconds between two polls that a person chose. */
export function chooseSeconds(
  frequency: SyncFrequency,
  everySeconds: number | null,
): Decision<number, 'INVALID_INPUT'> {
  if (frequency !== 'custom')
    return everySeconds === null
      ? accept(secondsOf[frequency])
      : refuse('INVALID_INPUT', 'everySeconds', 'everySeconds belongs to CUSTOM: leave it out.');
  if (everySeconds !== null && everySeconds >= secondsMin && everySeconds <= secondsMax) return accept(everySeconds);
  const message = `everySeconds must be between ${secondsMin} and ${secondsMax}: platforms limit how often they are asked.`;
  return refuse('INVALID_INPUT', 'everySeconds', message);
}

/** The name of an interval. */
export function frequencyOf(seconds: number): SyncFrequency {
  return syncFrequencies.find((name) => name !== 'custom' && secondsOf[name] === seconds) ?? 'custom';
}
