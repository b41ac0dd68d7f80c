export { freePorts } from './free-ports.ts';
export { onceGone } from './once-gone.ts';
export { tied } from './tied.ts';
