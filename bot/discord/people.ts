import { type APIInteractionGuildMember, type APIUser, PermissionFlagsBits } from 'discord.js';
import type { Chat, Person } from '../core/types.ts';

type Account = Pick<APIUser, 'id' | 'username' | 'global_name'>;

/** A person under the name that is shown in this server. */
export function personOf(account: Account, nick?: string | null): Person {
  return { platform: 'discord', id: account.id, name: nick ?? account.global_name ?? account.username };
}

/** What Discord vouches for about the person of an interaction. */
export function standingOf(
  { member, locale, guild_id }: { member?: APIInteractionGuildMember | undefined; locale?: string; guild_id?: string },
  isPrivate: boolean,
): { locale?: string; isAdmin?: boolean; roles?: readonly string[]; group?: string } {
  const allowed = BigInt(member?.permissions ?? 0);
  const manages = (allowed & (PermissionFlagsBits.Administrator | PermissionFlagsBits.ManageGuild)) !== 0n;
  return {
    ...(locale !== undefined && { locale }),
    ...((manages || isPrivate) && { isAdmin: true }),
    ...(member && { roles: member.roles }),
    ...(member && guild_id !== undefined && { group: guild_id }),
  };
}

/** Begins the id of the channel with one person alone, which is opened when something is sent there. */
export const directPrefix = '@';

/** Where only this person reads. */
export function directWith({ id }: Person): Chat {
  return { platform: 'discord', id: `${directPrefix}${id}` };
}
