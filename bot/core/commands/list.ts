/** Every command, in the order of the platforms' menus. */
export const commands = [
  { name: 'ask', description: 'Ask a model a question' },
  { name: 'models', description: 'The models there are, and their prices' },
  { name: 'model', description: 'The model your questions go to when you name none' },
  { name: 'why', description: 'Your last question: host, price and every transaction' },
  { name: 'history', description: 'Your last questions and what became of them' },
  { name: 'help', description: 'How this works' },
] as const satisfies readonly { name: string; description: string }[];
