import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromJson, toJson } from '../../../bot/store/Json.ts';

it('keeps bigints and texts as they are', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.bigInt(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any')),
      fc.dictionary(
        fc.string().filter((key) => key !== '$bigint' && key !== '__proto__'),
        tie('any'),
        { noNullPrototype: true },
      ),
    ),
  })).any;
  fc.assert(
    fc.property(value, (one) => {
      expect(fromJson(toJson(one))).toEqual(one);
    }),
  );
  expect(fromJson(toJson({ a: [12n, '12n', { $bigint: 5 }] }))).toEqual({ a: [12n, '12n', { $bigint: 5 }] });
});
