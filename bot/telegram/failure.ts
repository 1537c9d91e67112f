import { GrammyError, HttpError } from 'grammy';
import { DeliveryError } from '../core/types.ts';

/** What Telegram says when a message or chat can't be reached any more. */
const gone =
  /message to edit not found|message can't be edited|there is no (?:text|media) in the message to edit|MESSAGE_ID_INVALID|chat not found|message thread not found|TOPIC_(?:CLOSED|DELETED)|not enough rights|administrator rights|no rights to send|CHAT_WRITE_FORBIDDEN|PEER_ID_INVALID|user is deactivated|chat was deactivated|chat was deleted/i;

/** Seconds to wait when Telegram says that too much was sent. */
export function retryAfter(error: unknown): number | undefined {
  if (!(error instanceof GrammyError) || error.error_code !== 429) return undefined;
  return error.parameters.retry_after ?? 1;
}

/** The id a group has since it became a supergroup, when that is what the error says. */
export function migratedTo(error: unknown): number | undefined {
  return error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined;
}

export function isNotModified(error: unknown): boolean {
  return error instanceof GrammyError && error.error_code === 400 && /message is not modified/i.test(error.description);
}

/**
 * An error of grammY as the core knows it. Neither the token (part of every address) nor the payload gets into it.
 * A refusal that is our mistake (a malformed message) is an ordinary Error.
 */
export function failure(error: unknown): Error {
  if (error instanceof HttpError)
    return new DeliveryError(isRefused(error.error) ? 'later' : 'unknown', 'Telegram could not be reached');
  if (!(error instanceof GrammyError)) return error instanceof Error ? error : new Error(String(error));
  const said = `Telegram says to ${error.method}: ${error.error_code} ${error.description}`;
  if (error.error_code === 403 || (error.error_code === 400 && gone.test(error.description)))
    return new DeliveryError('gone', said);
  if (error.error_code === 400) return new Error(said);
  // A gateway that gave up says nothing about what stood behind it.
  return new DeliveryError(error.error_code >= 500 ? 'unknown' : 'later', said);
}

/** There was no connection at all, so nothing was sent. */
function isRefused(cause: unknown): boolean {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}
