import { describeExample } from './follows-events.ts';
import { python } from './toolchains.ts';

describeExample('Python', await python());
