const unshowable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e001f}]/gu;

/** Text a platform can take: control characters and direction overrides go, lone surrogates become U+FFFD, line ends become `\n`. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(unshowable, '');
}
