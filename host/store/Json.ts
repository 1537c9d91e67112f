/** JSON in which a bigint is `{"$bigint": "123"}`; strings that came from outside can't be mistaken for one. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? { $bigint: item.toString() } : item,
  );
}

/** Reads what `toJson` wrote; only for text that this program itself wrote as a `T`. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && '$bigint' in item ? BigInt(String(item.$bigint)) : item,
  ) as T;
}
