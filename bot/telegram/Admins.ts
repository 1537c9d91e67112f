import type { Api } from 'grammy';

const keptMs = 60_000;
const mostChats = 10_000;

/** Who administers a group, by Telegram's word of the last minute. Telegram tells it to every member, bots too. */
export function createAdmins(api: Api, now: () => number = Date.now) {
  const known = new Map<string, { until: number; ids: Promise<ReadonlySet<string>> }>();

  async function ask(chat: string): Promise<ReadonlySet<string>> {
    const members = await api.getChatAdministrators(Number(chat));
    return new Set(members.map(({ user }) => String(user.id)));
  }

  /** Not known counts as no: what only administrators may do is refused, never granted, when Telegram can't be asked. */
  return async function isAdmin(chat: string, person: string): Promise<boolean> {
    // A private chat is its person's own; an administrator who speaks as the group has the group's id.
    if (chat === person) return true;
    if (Number(chat) > 0) return false;
    let entry = known.get(chat);
    if (!entry || entry.until < now()) {
      if (known.size >= mostChats) known.clear();
      entry = { until: now() + keptMs, ids: ask(chat) };
      known.set(chat, entry);
    }
    try {
      return (await entry.ids).has(person);
    } catch {
      known.delete(chat);
      return false;
    }
  };
}
