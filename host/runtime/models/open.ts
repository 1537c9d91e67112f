import { hideSecret } from '../../../contracts/client/support/Log.ts';
import { type Environment, environment } from '../../../contracts/client/support/Settings.ts';
import { chooseProvider, type ProviderSettings } from '../provider/choose.ts';
import { type Catalog, catalogOf, plainCatalog } from './Catalog.ts';
import { type ModelsFile, readModelsFile } from './ModelsFile.ts';

export type Opened = { catalog: Catalog; file: ModelsFile | undefined };

/**
 * What this host serves: the models file where `HOST_MODELS_FILE` names one, else the one provider of the settings.
 * @param env where the keys are that the file names; they are hidden in every log from here on
 * @throws SettingsError, MissingPackageError: the operator must act
 */
export async function openModels(settings: ProviderSettings, env: Environment = environment()): Promise<Opened> {
  for (const key of [settings.OPENAI_API_KEY, settings.ANTHROPIC_API_KEY, settings.GOOGLE_API_KEY]) hideSecret(key);
  if (settings.HOST_MODELS_FILE === undefined)
    return { catalog: plainCatalog(await chooseProvider(settings)), file: undefined };
  const file = readModelsFile(settings.HOST_MODELS_FILE);
  return { catalog: await catalogOf(file, env), file };
}
