import {
  type APIApplication,
  type APIGatewayBotInfo,
  ApplicationFlags,
  ApplicationIntegrationType,
  type REST,
  type RESTAPIPartialCurrentUserGuild,
  Routes,
} from 'discord.js';
import { failure, operatorsFault } from '../discord/failure.ts';
import type { CliContext } from './Context.ts';
import { type Finding, look } from './Finding.ts';
import { missingPermissions } from './invite.ts';

/** More servers than this are counted, not listed one by one. */
const named = 10;

/** Token, intents, how it can be installed, connections left today, and permissions in its servers. Nothing without a token. */
export async function* examineDiscord({ discord: rest }: CliContext): AsyncGenerator<Finding> {
  if (!rest) return;
  const asking = get<APIApplication>(rest, Routes.currentApplication());
  asking.catch(() => undefined);
  const token = await look('discord token', 'Copy it again from the developer portal: Bot, Reset Token.', async () => {
    const { name, id } = await asking;
    return { ok: true, found: `${name}, application ${id}` };
  });
  yield token;
  if (!token.ok) return;
  yield await look('discord intents', '', async () => {
    const flags = (await asking).flags ?? 0;
    const content = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
    return {
      ok: true,
      found:
        flags & content
          ? 'message content is allowed, and not needed: switch it off in the portal (Bot, Privileged Gateway Intents)'
          : 'none privileged, none needed: commands, mentions, replies that mention the bot, and direct messages are heard',
    };
  });
  yield await look(
    'discord install',
    'Developer portal, Installation: tick User Install and Guild Install, and save.',
    async () => {
      const { integration_types_config: kinds = {}, bot_public: isPublic } = await asking;
      const inServers = kinds[ApplicationIntegrationType.GuildInstall] !== undefined;
      const byPeople = kinds[ApplicationIntegrationType.UserInstall] !== undefined;
      const where = [...(inServers ? ['servers'] : []), ...(byPeople ? ['people'] : [])];
      return {
        ok: inServers && byPeople,
        found: `for ${where.join(' and ') || 'nobody'}${isPublic ? '' : '; only its owner may invite it (Public Bot is off)'}`,
      };
    },
  );
  yield await look(
    'discord gateway',
    'Wait until the limit is reset; a bot that starts again and again uses it up.',
    async () => {
      const { shards, session_start_limit: limit } = await get<APIGatewayBotInfo>(rest, Routes.gatewayBot());
      return {
        ok: limit.remaining >= shards,
        found: `${shards} shard${shards === 1 ? '' : 's'}, ${limit.remaining} of ${limit.total} connections left today`,
      };
    },
  );
  yield await look(
    'discord permissions',
    'Invite it again with the link of npm run bot -- invite, or give its role what is missing.',
    async () => {
      const servers = await get<RESTAPIPartialCurrentUserGuild[]>(rest, Routes.userGuilds());
      const lacking = servers.flatMap(({ name, permissions }) => {
        const missing = missingPermissions(permissions);
        return missing.length === 0 ? [] : [`${name} lacks ${missing.join(', ')}`];
      });
      const more = lacking.length > named ? ` and ${lacking.length - named} more` : '';
      const all = `${servers.length} server${servers.length === 1 ? '' : 's'}`;
      return {
        ok: lacking.length === 0,
        found:
          lacking.length === 0 ? `${all}, nothing missing` : `${all}: ${lacking.slice(0, named).join('; ')}${more}`,
      };
    },
  );
}

async function get<T>(rest: REST, route: `/${string}`): Promise<T> {
  try {
    return (await rest.get(route)) as T;
  } catch (error) {
    throw new Error(operatorsFault(error) ?? failure(error).message);
  }
}
