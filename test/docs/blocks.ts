/** A fenced block of code in a page. */
export interface Block {
  readonly language: string;
  /** The `name=value` words of the info string. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** All fenced blocks of a page, or of a part of one, in order. */
export function readBlocks(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language = '', info = '', text = '']) => ({
    language,
    attributes: Object.fromEntries(
      [...info.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    ),
    // A diff's last line break belongs to the block; a file's is its own.
    text: language === 'diff' ? text.replace(/\n$/, '') : text,
  }));
}
