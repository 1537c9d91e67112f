import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Rpc } from '../../contracts/client/Rpc.ts';

/** Does a step, or throws instead or afterwards. */
export type Between = <Result>(step: string, work: () => Result) => Result;

/** The same database, with `between` around each statement that writes and around each commit. */
export function databaseThrough(real: DatabaseSync, between: Between): DatabaseSync {
  const wrapped = (sql: string): StatementSync => {
    const statement = real.prepare(sql);
    if (!/^\s*(insert|update|delete)/i.test(sql)) return statement;
    return new Proxy(statement, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'run' && name !== 'all' && name !== 'get') return value.bind(target);
        return (...values: unknown[]) => between(sql, () => Reflect.apply(value, target, values));
      },
    });
  };
  return new Proxy(real, {
    get: (target, name) => {
      if (name === 'prepare') return wrapped;
      if (name === 'exec')
        return (sql: string) => (sql === 'COMMIT' ? between(sql, () => target.exec(sql)) : target.exec(sql));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export type Request = { method: string; params: unknown };

/** Puts `between` around each of a provider's HTTP requests; those that ethers sends together are one. */
export function interceptRequests(
  rpc: Rpc,
  between: (requests: Request[], work: () => ReturnType<Rpc['_send']>) => ReturnType<Rpc['_send']>,
): Rpc {
  const send = rpc._send.bind(rpc);
  rpc._send = (payload) => {
    const calls = Array.isArray(payload) ? payload : [payload];
    return between(
      calls.map(({ method, params }) => ({ method, params })),
      () => send(payload),
    );
  };
  return rpc;
}

/** Lets a node tell something else than it would: `say` sees each call with its result and returns what the host is told. */
export function toldOtherwise(rpc: Rpc, say: (request: Request, result: unknown) => unknown): Rpc {
  return interceptRequests(rpc, async (requests, work) => {
    const responses = await work();
    return responses.map((response, index) => {
      const request = requests[index];
      if (request === undefined || !('result' in response)) return response;
      return { ...response, result: say(request, response.result) };
    });
  });
}
