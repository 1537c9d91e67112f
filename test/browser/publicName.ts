import type { Page } from 'playwright-core';

/** What a phone could open; give it to `createStage`. */
export const publicUrl = 'https://ask.example';

/** Answers what this page asks of the public address from the local server, as an operator's proxy does. Its streams hear nothing. */
export async function openPublicly(page: Page, local: string): Promise<void> {
  await page.route(`${publicUrl}/**`, async (route) => {
    const request = route.request();
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith('/events')) return;
    const response = await route.fetch({
      url: `${local}${pathname}${search}`,
      headers: { ...request.headers(), 'x-forwarded-host': new URL(publicUrl).host },
    });
    return route.fulfill({ response });
  });
}
