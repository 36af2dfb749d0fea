import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Abort } from '../../shared/abort.ts';

describe('an end that some wait for', () => {
  it('tells each listener once, in their order, with the reason at hand', () => {
    const end = new Abort();
    const told: string[] = [];
    end.addEventListener('abort', () => told.push(`a ${String(end.reason)}`));
    end.addEventListener('abort', { handleEvent: () => told.push(`b ${String(end.aborted)}`) });
    end.abort('over');
    end.abort('again');
    expect(told).toEqual(['a over', 'b true']);
    expect(end.reason).toBe('over');
  });

  it('tells nobody who has been removed, or has come too late', () => {
    const end = new Abort();
    const told: string[] = [];
    const gone = (): void => void told.push('gone');
    end.addEventListener('abort', gone);
    end.addEventListener('abort', () => told.push('stayed'));
    end.removeEventListener('abort', gone);
    end.removeEventListener('abort', gone);
    end.abort('over');
    end.addEventListener('abort', () => told.push('late'));
    end.abort('over');
    expect(told).toEqual(['stayed']);
  });

  it('tells nobody whom another listener removes while being told', () => {
    const end = new Abort();
    const told: string[] = [];
    const later = { handleEvent: () => void told.push('later') };
    end.addEventListener('abort', () => {
      told.push('first');
      end.removeEventListener('abort', later);
    });
    end.addEventListener('abort', later);
    end.addEventListener('abort', () => told.push('last'));
    end.abort('over');
    expect(told).toEqual(['first', 'last']);
  });

  it('tells a listener once that was put on twice', () => {
    const end = new Abort();
    let told = 0;
    const listener = (): void => void (told += 1);
    end.addEventListener('abort', listener);
    end.addEventListener('abort', listener);
    end.abort('over');
    expect(told).toBe(1);
  });

  it('tells the rest where a listener removes itself, and nobody whom one adds while being told', () => {
    const end = new Abort();
    const told: string[] = [];
    const itself = (): void => {
      told.push('itself');
      end.removeEventListener('abort', itself);
      end.addEventListener('abort', () => told.push('added'));
    };
    end.addEventListener('abort', itself);
    end.addEventListener('abort', () => told.push('next'));
    end.abort('over');
    expect(told).toEqual(['itself', 'next']);
  });

  // Node's own signal also tells whom a listener adds meanwhile, which the standard forbids: that is not compared.
  it('is heard as an AbortSignal is, whomever its listeners remove', () => {
    const removes = fc.array(fc.option(fc.nat({ max: 7 }), { nil: undefined }), { minLength: 1, maxLength: 8 });
    const removedBefore = fc.uniqueArray(fc.nat({ max: 7 }), { maxLength: 3 });
    fc.assert(
      fc.property(removes, removedBefore, (steps, removed) => {
        const [ours, theirs] = [new Abort(), new AbortController()];
        const heard = [listenTo(ours, steps, removed), listenTo(theirs.signal, steps, removed)];
        ours.abort('over');
        theirs.abort('over');
        expect(heard[0]).toEqual(heard[1]);
      }),
    );
  });
});

/** Puts on, twice, a listener for each step, which removes the listener that the step names; returns who is told, as it happens. */
function listenTo(
  end: Abort | AbortSignal,
  steps: readonly (number | undefined)[],
  removed: readonly number[],
): number[] {
  const heard: number[] = [];
  const listeners = steps.map((gone, index) => () => {
    heard.push(index);
    remove(gone);
  });
  function remove(index: number | undefined): void {
    const listener = index === undefined ? undefined : listeners[index];
    if (listener) end.removeEventListener('abort', listener);
  }
  for (const listener of [...listeners, ...listeners]) end.addEventListener('abort', listener);
  removed.forEach(remove);
  return heard;
}
