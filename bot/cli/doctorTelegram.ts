import { sentence } from '../telegram/poll.ts';
import type { CliContext } from './Context.ts';
import { type Finding, look } from './Finding.ts';

/** Token, groups, privacy mode and how updates come. Nothing when no token is set. */
export async function* examineTelegram({ telegram, settings }: CliContext): AsyncGenerator<Finding> {
  if (!telegram) return;
  const { TELEGRAM_WEBHOOK: wanted } = settings;
  const asking = telegram.getMe();
  asking.catch(() => undefined);
  const token = await look(
    'telegram token',
    'Copy it again from @BotFather: /mybots, your bot, API Token.',
    async () => {
      const me = await asking.catch((error: unknown) => Promise.reject(new Error(sentence(error))));
      return { ok: true, found: `@${me.username}` };
    },
  );
  yield token;
  if (!token.ok) return;
  yield await look('telegram groups', 'In @BotFather: /setjoingroups, your bot, Enable.', async () => {
    const { can_join_groups: may } = await asking;
    return { ok: may, found: may ? 'may be added to groups' : 'may not be added to groups' };
  });
  yield await look('telegram privacy', '', async () => {
    const { can_read_all_group_messages: readsAll } = await asking;
    return {
      ok: true,
      found: readsAll
        ? 'off: the bot is handed all talk of its groups, and answers commands, replies to it and mentions'
        : 'on: in groups the bot hears commands and replies to it; for mentions make it an administrator, or @BotFather: /setprivacy, Disable, and add it again',
    };
  });
  yield await look(
    'telegram updates',
    'Start the bot again: it sets up the webhook, or removes it, when it starts.',
    async () => {
      const {
        url = '',
        pending_update_count: pending,
        last_error_date: at,
        last_error_message: said,
      } = await telegram.getWebhookInfo();
      const isAsSet = url === (wanted ?? '');
      const isFailing = wanted !== undefined && at !== undefined && Date.now() / 1_000 - at < 600;
      return {
        ok: isAsSet && !isFailing,
        found: `${url === '' ? 'by polling' : `by webhook to ${url}`}, ${pending} waiting${isFailing ? `; Telegram’s last request failed: ${said}` : ''}`,
        ...(isFailing && {
          cure: 'The address must reach this bot’s BOT_PORT over https with a valid certificate, on port 443, 80, 88 or 8443.',
        }),
      };
    },
  );
}
