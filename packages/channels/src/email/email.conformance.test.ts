import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './email.adapter.ts';
import { samples } from './email.samples.ts';

describeChannel(adapter, samples);
