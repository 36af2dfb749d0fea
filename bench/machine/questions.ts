/** What the bench asks a process of its own, over the channel that came with its start. */
export interface Question {
  readonly id: number;
  readonly type: string;
  readonly payload?: unknown;
}

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export type Handlers = Readonly<Record<string, (payload: never) => unknown>>;

/** Answers the bench's questions; the process ends when the bench does. */
export function answerQuestions(handlers: Handlers): void {
  async function answer({ type, payload }: Question): Promise<unknown> {
    const handler = handlers[type];
    if (handler === undefined) throw new Error(`This process knows no question "${type}".`);
    return await handler(payload as never);
  }

  process.on('message', (question: Question) => {
    answer(question).then(
      (result) => process.send?.({ id: question.id, result } satisfies Reply),
      (error: unknown) => process.send?.({ id: question.id, error: String(error) } satisfies Reply),
    );
  });
  process.on('disconnect', () => process.exit());
}
