import type { Api } from 'grammy';

const present: ReadonlySet<string> = new Set(['creator', 'administrator', 'member']);

/**
 * Whether a person is in a group at this moment, by Telegram's word. Never kept: whoever leaves loses at once what members may. A
 * message alone proves nothing: strangers can write into a channel's discussion group and press old buttons of a public one.
 */
export function createMembers(api: Api) {
  /** Not known counts as no: what only members may do is refused, never granted, when Telegram doesn't say. */
  return async function isMember(chat: string, person: string): Promise<boolean> {
    // An administrator who speaks as the group has the group's id; any other that is no person's is a channel.
    if (chat === person) return true;
    if (Number(person) < 0) return false;
    try {
      const member = await api.getChatMember(Number(chat), Number(person));
      return member.status === 'restricted' ? member.is_member : present.has(member.status);
    } catch {
      return false;
    }
  };
}
