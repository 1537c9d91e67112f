import { DiscordAPIError, DiscordjsError, HTTPError } from 'discord.js';
import { DeliveryError } from '../core/types.ts';

/** Unknown channel, guild, message, webhook (an interaction's, after 15 minutes); no access, no permission; blocked; archived or locked thread. */
const goneCodes = new Set<number | string>([
  10003, 10004, 10008, 10015, 50001, 50005, 50007, 50013, 50027, 50083, 160005,
]);

/**
 * An error of discord.js as the core knows it. Addresses, which hold interaction tokens, don't get into it.
 * A refusal that is our mistake (a malformed message) is an ordinary Error.
 */
export function failure(error: unknown): Error {
  if (error instanceof DiscordAPIError) {
    const said = `Discord says: ${error.status} ${error.message} (${error.code})`;
    if (goneCodes.has(error.code)) return new DeliveryError('gone', said);
    if (error.status === 401 || error.status === 429) return new DeliveryError('later', said);
    return error.status >= 500 ? new DeliveryError('unknown', said) : new Error(said);
  }
  if (error instanceof HTTPError) return new DeliveryError('unknown', `Discord answered with status ${error.status}`);
  if (error instanceof DeliveryError) return error;
  return new DeliveryError('unknown', 'Discord could not be reached');
}

/** Why connecting failed, when only the operator can mend it; undefined when trying again may help. */
export function operatorsFault(error: unknown): string | undefined {
  const text = error instanceof Error ? `${error.message} ${error instanceof DiscordjsError ? error.code : ''}` : '';
  if (
    (error instanceof DiscordAPIError && error.status === 401) ||
    /TokenInvalid|Authentication failed|invalid token/i.test(text)
  ) {
    return 'Discord does not know this bot token: copy it again from the developer portal (Bot, Reset Token)';
  }
  if (/disallowed intents/i.test(text))
    return 'Discord refuses the intents asked for: allow them in the developer portal (Bot, Privileged Gateway Intents)';
  if (/sharding/i.test(text)) return 'Discord refuses the number of shards: start the bot again';
  return undefined;
}
