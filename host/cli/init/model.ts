import { z } from 'zod';
import { environment, parseSettings } from '../../../contracts/client/support/Settings.ts';
import { openModels } from '../../runtime/models/open.ts';
import { hostSettings } from '../../settings.ts';
import { callModel } from '../checks/answers.ts';
import type { Ask } from './Ask.ts';
import { setInEnv } from './EnvFile.ts';

const settingsSchema = z.object(hostSettings.shape).omit({ RPC_URLS: true, DEPLOYMENT_FILE: true });
type Source = 'openai' | 'compatible' | 'ollama' | 'file' | 'env';

/**
 * Settles which model answers, and proves it by a real call; what is tried is written down only once it works.
 * @throws whatever the call throws, where nobody can try again
 */
export async function settleModel(ask: Ask, envFile: string): Promise<void> {
  const env = environment(envFile);
  const isSet = ['HOST_MODELS_FILE', 'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OLLAMA_MODEL'].some(
    (name) => env[name] !== undefined,
  );
  for (let first = true; ; first = false) {
    // What works already is not asked for again.
    const source =
      first && isSet && !ask.isGiven('provider')
        ? 'env'
        : await ask.choose<Source>({
            name: 'provider',
            message: 'Which model answers?',
            choices: [
              ...(isSet ? [{ value: 'env' as const, name: 'The one that is set already' }] : []),
              { value: 'openai', name: 'OpenAI (you have an API key)' },
              { value: 'compatible', name: 'A server that speaks OpenAI’s protocol (vLLM, llama.cpp, LM Studio, ...)' },
              { value: 'ollama', name: 'Ollama on this machine or another' },
              { value: 'file', name: 'Several, named in a models file (host/models.example.json)' },
            ],
            default: isSet ? 'env' : 'ollama',
          });
    const values = {
      ...(await valuesFor(source, ask, env)),
      // The models file would win over what was chosen just now.
      ...(source !== 'env' && source !== 'file' && env['HOST_MODELS_FILE'] !== undefined && { HOST_MODELS_FILE: '' }),
    };
    try {
      const merged = Object.fromEntries(Object.entries({ ...env, ...values }).filter(([, value]) => value !== ''));
      const settings = parseSettings(settingsSchema, merged);
      const { provider, names } = (await openModels(settings, merged)).catalog;
      for (const name of names.length > 0 ? names : [undefined])
        ask.say(`✓ ${await callModel(provider, name, settings)}`);
      if (Object.keys(values).length > 0) setInEnv(envFile, values);
      return;
    } catch (error) {
      if (!ask.patient) throw error;
      ask.say(`✗ ${error instanceof Error ? error.message : String(error)} Try again, or another one.`);
    }
  }
}

async function valuesFor(
  source: Source,
  ask: Ask,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const optional = async (name: string, variable: string, message: string): Promise<Record<string, string>> => {
    const value = await ask.text({ name, message, default: env[variable] ?? '' });
    return value === '' ? {} : { [variable]: value };
  };
  switch (source) {
    case 'env':
      return {};
    case 'openai':
      return {
        HOST_PROVIDER: 'openai',
        ...(env['OPENAI_API_KEY'] === undefined && {
          OPENAI_API_KEY: await ask.secret({ name: 'apiKey', message: 'API key', check: notEmpty }),
        }),
        OPENAI_MODEL: await ask.text({
          name: 'model',
          message: 'Model',
          default: env['OPENAI_MODEL'] ?? 'gpt-4o-mini',
        }),
      };
    case 'compatible':
      return {
        HOST_PROVIDER: 'openai',
        OPENAI_BASE_URL: await ask.text({
          name: 'baseUrl',
          message: 'Its address',
          default: env['OPENAI_BASE_URL'] ?? 'http://127.0.0.1:8000/v1',
        }),
        ...(await optional('model', 'OPENAI_MODEL', 'Model (empty: the first that it lists)')),
      };
    case 'ollama':
      return {
        HOST_PROVIDER: 'ollama',
        OLLAMA_BASE_URL: await ask.text({
          name: 'baseUrl',
          message: 'Its address',
          default: env['OLLAMA_BASE_URL'] ?? 'http://127.0.0.1:11434',
        }),
        ...(await optional('model', 'OLLAMA_MODEL', 'Model (empty: the first that was pulled)')),
      };
    case 'file':
      return {
        HOST_MODELS_FILE: await ask.text({
          name: 'modelsFile',
          message: 'The models file',
          default: env['HOST_MODELS_FILE'] ?? 'models.json',
        }),
      };
  }
}

const notEmpty = (text: string): true | string => text.trim() !== '' || 'It is empty.';
