import { RequestContext } from '../../shared/domains/context.ts';

/** The dashboard needs nothing beyond what is shared. */
export class WebContext extends RequestContext {}
