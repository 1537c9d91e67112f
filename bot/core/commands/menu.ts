import { type Language, languages, translator } from '../I18n.ts';
import type { Option } from './Command.ts';
import { commands } from './table.ts';

/** A command as a platform's menu shows it, in one language. */
export type MenuEntry = {
  name: string;
  description: string;
  options: readonly MenuOption[];
  /** Shown to the person alone where the platform can. */
  isPrivate: boolean;
};

export type MenuOption = {
  name: string;
  description: string;
  kind: Option['kind'];
  choices: readonly { value: string; label: string }[];
  isRequired: boolean;
  isText: boolean;
};

/** Every command in the order of the menus; the same in each language. */
export type Menu = Readonly<Record<Language, readonly MenuEntry[]>>;

/** All commands as the platforms' menus show them. */
export function menu(): Menu {
  const [en, es, zh, pt, ru] = languages;
  return {
    [en]: inLanguage(en),
    [es]: inLanguage(es),
    [zh]: inLanguage(zh),
    [pt]: inLanguage(pt),
    [ru]: inLanguage(ru),
  };
}

function inLanguage(language: Language): MenuEntry[] {
  const t = translator(language);
  return commands.map(({ name, description, options, isPrivate }) => ({
    name,
    description: t(description),
    isPrivate,
    options: options.map((option) => ({
      name: option.name,
      description: t(option.description),
      kind: option.kind,
      choices: (option.choices ?? []).map(({ value, label }) => ({ value, label: t(label) })),
      isRequired: option.isRequired ?? false,
      isText: option.isText ?? false,
    })),
  }));
}
