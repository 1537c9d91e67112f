import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { type Adapter, DeliveryError, type Incoming, type Platform } from '../core/types.ts';

/** What is counted since this process began; the rest is read from store and chain when somebody looks. */
export type Metrics = {
  registry: Registry;
  /** The same adapter, its calls counted and timed. */
  counting<Payload>(adapter: Adapter<Payload>): Adapter<Payload>;
  /** The same receiver, its events counted and timed. */
  hearing(receive: (event: Incoming) => Promise<void>): (event: Incoming) => Promise<void>;
};

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** @param ofProcess also memory, CPU time and the event loop's delay of this process */
export function createMetrics(ofProcess = true): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const events = new Histogram({
    name: 'bot_event_duration_seconds',
    help: 'Time until what a person did was handled and on disk',
    labelNames: ['platform', 'type'],
    buckets,
    registers,
  });
  const failures = new Counter({
    name: 'bot_event_failures_total',
    help: 'Attempts to handle an event that failed; each is tried again',
    labelNames: ['platform', 'type'],
    registers,
  });
  const calls = new Histogram({
    name: 'bot_message_duration_seconds',
    help: 'Time of a call that sends or edits a message, its wait for the platform’s pace included',
    labelNames: ['platform', 'call', 'outcome'],
    buckets,
    registers,
  });
  if (ofProcess) collectDefaultMetrics({ register: registry });

  async function timed<T>(platform: Platform, call: 'send' | 'edit', work: () => Promise<T>): Promise<T> {
    const end = calls.startTimer({ platform, call });
    try {
      const result = await work();
      end({ outcome: 'ok' });
      return result;
    } catch (error) {
      end({ outcome: error instanceof DeliveryError ? error.kind : 'refused' });
      throw error;
    }
  }

  return {
    registry,
    counting: (adapter) => ({
      ...adapter,
      send: (...args) => timed(adapter.platform, 'send', () => adapter.send(...args)),
      edit: (...args) => timed(adapter.platform, 'edit', () => adapter.edit(...args)),
    }),
    hearing: (receive) => async (event) => {
      const labels = { platform: event.person.platform, type: event.type };
      const end = events.startTimer(labels);
      try {
        await receive(event);
        end();
      } catch (error) {
        failures.inc(labels);
        throw error;
      }
    },
  };
}
