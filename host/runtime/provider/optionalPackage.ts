/** The packages that a host installs only when it uses their provider, as tested. */
export const optionalPackages = {
  '@langchain/anthropic': '1.5.11',
  '@langchain/google-genai': '2.3.2',
} as const;

/** A provider of the models file needs a package that is not installed. The operator must act; trying again can't help. */
export class MissingPackageError extends Error {
  override name = 'MissingPackageError';
  readonly command: string;
  constructor(provider: string, name: keyof typeof optionalPackages) {
    // Without --save-prod npm takes it for a tool of development here and, with --omit=dev, leaves it out.
    const command = `npm install --no-save --save-prod --omit=dev ${name}@${optionalPackages[name]}`;
    super(
      `${provider} needs the package ${name}, which is not installed. The host's operator installs it once, in the project's folder: ${command}`,
    );
    this.command = command;
  }
}

/**
 * What an optional package exports.
 * @param load `() => import('the package')`
 * @throws MissingPackageError when it is not installed
 */
export async function optionalPackage<T>(
  provider: string,
  name: keyof typeof optionalPackages,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    // A package that is there and lacks one of its own is broken in another way, and says so itself.
    if (
      error instanceof Error &&
      'code' in error &&
      error.code === 'ERR_MODULE_NOT_FOUND' &&
      error.message.includes(`'${name}'`)
    )
      throw new MissingPackageError(provider, name);
    throw error;
  }
}
