import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './tiktok-shop.adapter.ts';
import { samples } from './tiktok-shop.samples.ts';

describeChannel(adapter, samples);
