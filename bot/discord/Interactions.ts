import { type APIInteraction, ApplicationIntegrationType, InteractionContextType } from 'discord.js';

/** An interaction that can still be answered through its own token. */
export type Open = {
  id: string;
  token: string;
  /** `command`: its first answer takes the place of "thinking…". `press`: only messages of their own can follow. */
  kind: 'command' | 'press';
  /** Only the person sees the answer. */
  ephemeral: boolean;
  /** Whether the bot itself may write in the channel; it may not where a person brought it along alone. */
  visible: boolean;
  /** Resolves to whether Discord took the acknowledgement. */
  acknowledged: Promise<boolean>;
  /** The place of "thinking…" is taken. */
  used: boolean;
  until: number;
};

/** Discord keeps an interaction's token for 15 minutes; one minute less, so that none is used that is just gone. */
const lifetimeMs = 14 * 60_000;

/** The interactions of the last minutes, by their own id and by the messages made through them. Lost at a restart: then the bot writes in the channel. */
export function createInteractions(now: () => number = Date.now) {
  const byId = new Map<string, Open>();
  const byMessage = new Map<string, Open>();
  const live = (open: Open | undefined) => (open && open.until > now() ? open : undefined);

  function forget(): void {
    for (const map of [byId, byMessage]) {
      for (const [key, { until }] of map) {
        if (until > now()) break;
        map.delete(key);
      }
    }
  }

  return {
    open(interaction: APIInteraction, about: Pick<Open, 'kind' | 'ephemeral' | 'acknowledged'>): Open {
      forget();
      const { id, token } = interaction;
      const open = { id, token, visible: isVisible(interaction), used: false, until: now() + lifetimeMs, ...about };
      byId.set(id, open);
      return open;
    },
    has: (id: string) => byId.has(id),
    /** The interaction that `updateId` names, when it can still be answered. */
    async answerable(updateId: string | undefined): Promise<Open | undefined> {
      const open = updateId === undefined ? undefined : live(byId.get(updateId));
      return open && (await open.acknowledged) ? open : undefined;
    },
    madeThrough: (messageId: string | undefined) =>
      messageId === undefined ? undefined : live(byMessage.get(messageId)),
    made(messageId: string, open: Open): void {
      byMessage.set(messageId, open);
    },
  };
}

function isVisible({ authorizing_integration_owners: owners, context }: APIInteraction): boolean {
  if (context === InteractionContextType.PrivateChannel) return false;
  return context === InteractionContextType.BotDM || owners[ApplicationIntegrationType.GuildInstall] !== undefined;
}
