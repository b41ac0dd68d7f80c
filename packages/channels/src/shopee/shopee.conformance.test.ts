import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './shopee.adapter.ts';
import { samples } from './shopee.samples.ts';

describeChannel(adapter, samples);
