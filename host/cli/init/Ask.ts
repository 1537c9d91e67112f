import { SettingsError } from '../../../contracts/client/support/Settings.ts';

/** `check`: true, or a sentence that says what is wrong. */
type Check = (text: string) => true | string | Promise<true | string>;
export type TextQuestion = { name: string; message: string; default?: string; check?: Check };
export type Choice<T extends string> = {
  name: string;
  message: string;
  choices: readonly { value: T; name: string }[];
  default: T;
};

/** How the dialogue speaks with the operator; what it asks has a name, which is also that of the option that answers it. */
export type Ask = {
  text(question: TextQuestion): Promise<string>;
  /** Not shown while it is typed. */
  secret(question: { name: string; message: string; check?: Check }): Promise<string>;
  choose<T extends string>(question: Choice<T>): Promise<T>;
  confirm(question: { name: string; message: string; default: boolean }): Promise<boolean>;
  say(text: string): void;
  /** What is waited for: takes the place of what it said before, where that can be done. */
  progress(text: string): void;
  /** Whether the command line answers this question, whatever was settled before. */
  isGiven(name: string): boolean;
  /** Whether somebody can try again. */
  patient: boolean;
};

export type Given = Readonly<Record<string, string | boolean | undefined>>;

/** Whoever answers where nothing was given beforehand. */
export type Prompts = Pick<Ask, 'text' | 'secret' | 'choose' | 'confirm'>;

/**
 * Answers from the command line first, then from a person; where there is none, defaults with `--yes`, else the question fails with the
 * option that would answer it.
 */
export function createAsk(of: {
  given: Given;
  prompts: Prompts | undefined;
  yes: boolean;
  say(text: string): void;
  progress(text: string): void;
}): Ask {
  const { given, prompts, yes, say, progress } = of;

  async function checked(name: string, value: string, check: Check | undefined): Promise<string> {
    const verdict = (await check?.(value)) ?? true;
    if (verdict !== true) throw new SettingsError(`${optionOf(name)}: ${verdict}`);
    return value;
  }
  function missing(name: string, message: string): SettingsError {
    return new SettingsError(
      `There is no terminal to ask on, and ${optionOf(name)} is not given (${message}). Give it, or --yes for the default where there is one.`,
    );
  }

  return {
    isGiven: (name) => given[name] !== undefined,
    patient: prompts !== undefined,
    say,
    progress,
    text: async (question) => {
      const value = given[question.name];
      if (typeof value === 'string') return checked(question.name, value, question.check);
      if (prompts && !(yes && question.default !== undefined)) return prompts.text(question);
      if (!yes || question.default === undefined) throw missing(question.name, question.message);
      return checked(question.name, question.default, question.check);
    },
    secret: async (question) => {
      // A secret on the command line would be read by every process of the machine.
      if (prompts) return prompts.secret(question);
      throw new SettingsError(
        `There is no terminal to ask on (${question.message}). Put it into .env or the environment beforehand; secrets are no options.`,
      );
    },
    choose: async <T extends string>(question: Choice<T>): Promise<T> => {
      const value = given[question.name];
      if (typeof value === 'string') {
        const found = question.choices.find((choice) => choice.value === value);
        if (found) return found.value;
        const known = question.choices.map((choice) => choice.value).join(', ');
        throw new SettingsError(`${optionOf(question.name)} is “${value}”; it can be ${known}.`);
      }
      if (prompts && !yes) return prompts.choose(question);
      if (!yes) throw missing(question.name, question.message);
      return question.default;
    },
    confirm: async (question) => {
      const value = given[question.name];
      if (typeof value === 'boolean') return value;
      return prompts && !yes ? prompts.confirm(question) : question.default;
    },
  };
}

/** `rpcUrls` → `--rpc-urls`. */
const optionOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
