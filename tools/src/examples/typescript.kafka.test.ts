import { describeExample } from './follows-events.ts';
import { typescript } from './toolchains.ts';

describeExample('TypeScript', await typescript());
