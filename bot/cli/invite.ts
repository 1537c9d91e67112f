import { OAuth2Scopes, PermissionFlagsBits, PermissionsBitField } from 'discord.js';

/** What the bot needs in a server: to see and answer where it is asked, in threads too, with files for long answers. */
export const neededPermissions = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'ReadMessageHistory',
  'AttachFiles',
] as const satisfies readonly (keyof typeof PermissionFlagsBits)[];

/** Discord's permissions integer. */
export const permissionsInteger = neededPermissions.reduce((all, name) => all | PermissionFlagsBits[name], 0n);

/** A link, and what it is for. */
export type Invitation = { platform: 'discord' | 'telegram'; use: string; url: string };

/** @param application the application's id */
export function discordInvitations(application: string): Invitation[] {
  const link = (parameters: Readonly<Record<string, string>>) =>
    `https://discord.com/oauth2/authorize?${new URLSearchParams({ client_id: application, ...parameters })}`;
  return [
    {
      platform: 'discord',
      use: `a server that you manage (${neededPermissions.map(spaced).join(', ')})`,
      url: link({
        integration_type: '0',
        scope: `${OAuth2Scopes.Bot} ${OAuth2Scopes.ApplicationsCommands}`,
        permissions: String(permissionsInteger),
      }),
    },
    {
      platform: 'discord',
      use: 'yourself alone, wherever you write',
      url: link({ integration_type: '1', scope: OAuth2Scopes.ApplicationsCommands }),
    },
  ];
}

/** @param username without `@` */
export function telegramInvitations(username: string): Invitation[] {
  return [
    { platform: 'telegram', use: 'writing to it alone', url: `https://t.me/${username}` },
    // No `admin=`: the bot needs no administrator's rights.
    { platform: 'telegram', use: 'a group', url: `https://t.me/${username}?startgroup=ask` },
  ];
}

/** Permissions that are missing from what a server granted, by the names in Discord's settings. */
export function missingPermissions(granted: string): string[] {
  const has = new PermissionsBitField(BigInt(granted));
  return neededPermissions.filter((name) => !has.has(name)).map(spaced);
}

const spaced = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
