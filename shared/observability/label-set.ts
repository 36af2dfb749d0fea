/** Keeps a metric's label from taking as many values as strangers care to send: a time series each would fill the memory. */
export interface LabelSet {
  /** The value itself while there is room or it is known already; else `other`. */
  admit(value: string | null): string;
  /** As `admit`, but never takes up room: for values whose sender nobody has checked. */
  recall(value: string | null): string;
}

/** Holds the first `max` values; what is null counts as `none`. */
export function createLabelSet(max: number): LabelSet {
  const known = new Set<string>();
  return {
    admit(value) {
      if (value === null) return 'none';
      if (known.has(value)) return value;
      if (known.size >= max) return 'other';
      known.add(value);
      return value;
    },
    recall(value) {
      if (value === null) return 'none';
      return known.has(value) ? value : 'other';
    },
  };
}
