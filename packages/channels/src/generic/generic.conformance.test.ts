import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './generic.adapter.ts';
import { samples } from './generic.samples.ts';

describeChannel(adapter, samples);
