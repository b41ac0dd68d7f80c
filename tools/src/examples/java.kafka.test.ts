import { describeExample } from './follows-events.ts';
import { java } from './toolchains.ts';

describeExample('Java', await java());
