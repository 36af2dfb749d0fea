// An image process whose answers stand behind other messages: it says something at each question, and never answers it.
process.on('message', () => process.send?.({ type: 'thumbhash', key: 'any', thumbhash: 'any' }));
process.send?.({ type: 'prepared' });
