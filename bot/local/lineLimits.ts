/** What one line of the local chat holds at most. The core has its own, smaller limit for a question, and says so to the person. */
export const lineLimits = { characters: 40_000, files: 20 } as const;
