import type { Address } from '../../../contracts/client/Hex.ts';
import { type Chat, type Platform, platforms } from '../types.ts';

/** A group of people on a platform, as `Incoming.group` names it. */
export type Group = { platform: Platform; id: string };

/**
 * The purse of a group. `owner`: whose wallet opened it; by the chain it may since be another's. `models`, `channels`: the only ones it
 * pays for; absent: all.
 */
export type Purse = {
  group: Group;
  account: bigint;
  owner: Address;
  models?: readonly bigint[];
  channels?: readonly string[];
};

/** That an ask is paid from a group's purse. `at`: when it was decided, unix seconds; from then on it counts for the member's cap. */
export type PurseUse = { group: string; at: number };

export function groupKey({ platform, id }: Group): string {
  return `${platform}:${id}`;
}

/** @param key as `groupKey` made it */
export function groupOfKey(key: string): Group | undefined {
  const [, name, id] = /^([^:]+):(.*)$/s.exec(key) ?? [];
  const platform = platforms.find((each) => each === name);
  return platform && id !== undefined ? { platform, id } : undefined;
}

/** The group of an event, if there is one that its person belongs to. */
export function groupOf({ chat, group }: { chat: Chat; group?: string }): Group | undefined {
  return group === undefined ? undefined : { platform: chat.platform, id: group };
}

/** The part of the group that a chat is: a Discord channel, a Telegram topic; `main` outside of topics. */
export function channelOf({ id, thread }: Chat, group: Group): string {
  return id === group.id ? (thread ?? 'main') : id;
}
