import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './whatsapp.adapter.ts';
import { samples } from './whatsapp.samples.ts';

describeChannel(adapter, samples);
