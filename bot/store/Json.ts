/** JSON that keeps bigints: `{"$bigint":"12"}`. An object of that very shape can't be stored otherwise. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? { $bigint: item.toString() } : item));
}

/** The inverse of `toJson`. The type is the writer's promise: only what this process wrote is read back. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item === 'object' && item !== null && '$bigint' in item && typeof item.$bigint === 'string') {
      return BigInt(item.$bigint);
    }
    return item;
  }) as T;
}
