import type { GraphQLSchema } from 'graphql';
import type { Clock } from '../clock.ts';
import type { DocumentLibraryOptions } from './documents/document-library.ts';
import type { DocumentLimits } from './limits/document-limits.ts';
import type { OperationUsage } from './operation-usage.ts';

export interface GraphqlEngineOptions {
  readonly schema: GraphQLSchema;
  /** Which documents are run. */
  readonly documents: DocumentLibraryOptions;
  /** The costliest operation that is run, by the schema's cost model; 5000. */
  readonly costLimit?: number;
  readonly limits?: Partial<DocumentLimits>;
  /** Whether the schema may be asked for, and answers tell their cost and their downstream calls; false. */
  readonly isDevelopment?: boolean;
  /** The oldest version of the client that is served; null for any. */
  readonly oldestClientVersion?: string | null;
  /** How long a public answer may be shared, in seconds; 10, the time that a price is fresh. */
  readonly publicMaxAgeSeconds?: number;
  /** From when on an answer is slow and says why, in milliseconds; 1000. */
  readonly slowAfterMs?: number;
  readonly clock?: Clock;
  /** Called once for each failure that the client is not told of. */
  readonly onMaskedError?: (error: unknown, requestId: string) => void;
  /** Called once for each answer. */
  readonly onOperation?: (usage: OperationUsage, requestId: string) => void;
  /** Apollo Server's own messages. */
  readonly onLog?: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}
