/** What signs pictures here, for ours and for every peer: equal answers have equal signatures. */
export const pictureKey = { id: 'bench', secret: 'only-for-the-bench-0123456789abcdef' } as const;

/** Nobody listens there: the screens show addresses, and no picture is fetched. */
export const pictureBaseUrl = 'http://127.0.0.1:4003';
