import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { attacks } from '../bot/local/attacks.ts';
import { launchChromium } from './chromium.ts';
import { describeInBrowser, eventually } from './inBrowser.ts';
import { createStage, final, hash, paid, reported, type Stage } from './stage.ts';

describeInBrowser('the local chat in a browser', () => {
  let browser: Browser;
  let stage: Stage;
  let context: BrowserContext;
  const skips: number[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    skips.length = 0;
    problems.length = 0;
    stage = await createStage({
      embedded: {
        accounts: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
        rpc: async () => null,
        skipTime: async (seconds) => void skips.push(seconds),
      },
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  });
  afterEach(async () => {
    await context.close();
    await stage.stop();
    expect(problems).toEqual([]);
  });

  async function open(path = '/'): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`${stage.url}${path}`);
    await page.getByRole('button', { name: 'Change your name' }).waitFor();
    return page;
  }
  const say = async (page: Page, text: string) => {
    await page.getByLabel('Message to #asks').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  const lines = (page: Page) => page.getByRole('log').getByRole('article');
  const nameOf = async (page: Page) =>
    ((await page.locator('.people .name').first().textContent()) ?? '').replace(/\s*you.*$/, '').trim();

  test('two windows are two people in one channel; each is itself again after a reload and after closing', async () => {
    const [ann, ben] = [await open(), await open()];
    const [annName, benName] = [await nameOf(ann), await nameOf(ben)];
    expect(annName).not.toBe(benName);
    await say(ann, 'Hello from Ann');
    await ben.getByText('Hello from Ann').waitFor();
    await ann.getByText('2 here').waitFor();
    await say(ben, 'Hello from Ben');
    await ann.getByText('Hello from Ben').waitFor();
    expect(await lines(ann).locator('.said').allInnerTexts()).toEqual(
      await lines(ben).locator('.said').allInnerTexts(),
    );

    await ben.reload();
    await ben.getByText('Hello from Ann').waitFor();
    expect(await nameOf(ben)).toBe(benName);
    await ben.close();
    await ann.getByText('1 here').waitFor();
    const again = await open();
    expect(await nameOf(again)).toBe(benName);
  });

  test('a name can be changed, and everybody sees it', async () => {
    const [ann, ben] = [await open(), await open()];
    await say(ann, 'Who am I?');
    await ben.getByText('Who am I?').waitFor();
    await ann.getByRole('button', { name: 'Change your name' }).click();
    await ann.getByLabel('Your name').fill('Ann <b>B</b>');
    await ann.keyboard.press('Enter');
    await ben.getByRole('article', { name: /^Ann <b>B<\/b>,/ }).waitFor();
    await ben.locator('.people').getByText('Ann <b>B</b>').waitFor();
  });

  test('what the server does not take is said with its rule, and can be closed', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Change your name' }).click();
    await page.getByLabel('Your name').fill('   ');
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert');
    await alert.getByText('at most 40,000 characters and 20 files, a name 1 to 32 characters').waitFor();
    await alert.getByRole('button', { name: 'Close' }).click();
    await alert.waitFor({ state: 'detached' });
    // The browser's own words about the status of the answer.
    problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('status of 400')));
  });

  test('by keyboard alone: choose a command, ask, and reach the pay link', async () => {
    const page = await open();
    const box = page.getByLabel('Message to #asks');
    // In the line with the press itself, not a frame later: what is typed next must not be lost.
    const focused = await page.getByRole('button', { name: '/ask What is TellorFlex?' }).evaluate((button) => {
      if (button instanceof HTMLElement) button.click();
      return new Promise<string | undefined>((done) => setTimeout(() => done(document.activeElement?.id)));
    });
    expect(focused).toBe('say');
    await page.keyboard.type('!');
    expect(await box.inputValue()).toBe('/ask What is TellorFlex?!');
    await box.fill('');
    await page.keyboard.type('/');
    await page.getByRole('option', { name: /\/models/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('option', { selected: true }).innerText()).toMatch(/^\/models/);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.type('What is TellorFlex?');
    await page.keyboard.press('Enter');
    const link = page.getByRole('link', { name: /Pay 0\.25 LANG/ });
    await link.waitFor();
    expect(stage.events).toMatchObject([{ type: 'command', name: 'ask', text: 'What is TellorFlex?' }]);
    const [popup] = await Promise.all([context.waitForEvent('page'), link.click()]);
    await popup.getByRole('heading', { name: /Pay for .*’s question/ }).waitFor();
    await popup.getByText('What is TellorFlex?').waitFor();
  });

  test('text files are sent along: chosen by keyboard, dropped, taken out again; they are named in the line', async () => {
    const page = await open();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Attach text files' }).focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles([
      { name: 'notes.md', mimeType: '', buffer: Buffer.from('Reporters stake TRB. ✓') },
      { name: 'wrong.txt', mimeType: 'text/plain', buffer: Buffer.from('not meant') },
      { name: 'huge.txt', mimeType: 'text/plain', buffer: Buffer.alloc(64_001, 'a') },
    ]);
    await page.getByRole('button', { name: 'Take out wrong.txt' }).click();
    const dropped = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['a,b'], 'table.csv'));
      return data;
    });
    await page.locator('.composer').dispatchEvent('drop', { dataTransfer: dropped });
    await say(page, '/ask Who pays?');
    await lines(page).filter({ hasText: 'notes.md' }).waitFor();
    await eventually(() => page.getByRole('list', { name: 'Attached files' }).count()).toBe(0);
    expect(stage.events).toMatchObject([
      {
        name: 'ask',
        text: 'Who pays?',
        attachments: [
          { name: 'notes.md', text: 'Reporters stake TRB. ✓' },
          { name: 'huge.txt', refused: 'tooLarge' },
          { name: 'table.csv', text: 'a,b' },
        ],
      },
    ]);
  });

  test('what the bot suggests while one types can be taken, and a finished line is sent as it is', async () => {
    const page = await open();
    const box = page.getByLabel('Message to #asks');
    await box.fill('/ask ');
    await page.getByRole('option', { name: /Two words/ }).click();
    expect(await box.inputValue()).toBe('/ask --model "Two words" ');
    await eventually(() => page.getByRole('option').count()).toBe(0);
    await box.fill('/model');
    await page.keyboard.press('Enter');
    await eventually(() => stage.events.map((event) => event.type === 'command' && event.name)).toEqual(['model']);
    await box.fill('/model tw');
    await box.fill('/model Tw');
    await page.getByRole('option', { name: /Two words/ }).click();
    expect(await box.inputValue()).toBe('/model Two words');
    await box.fill('/ask --model te');
    await page.getByRole('option', { name: /terse/ }).waitFor();
    await eventually(() => page.getByRole('option').count()).toBe(1);
    await page.keyboard.press('Tab');
    expect(await box.inputValue()).toBe('/ask --model terse ');
    await page.getByLabel('Message to #asks').fill('line one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('line two');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.said').last().innerText()).toBe('line one\nline two');
  });

  test('the steps move from payment to final, and twelve hours can be skipped', async () => {
    const page = await open();
    await say(page, '/ask What is TellorFlex?');
    const step = (name: string) => page.getByRole('listitem').filter({ hasText: name });
    await step('Payment').waitFor();
    const [token = ''] = stage.tokens();
    await stage.set(token, paid());
    await page.locator('.step.now', { hasText: 'With host' }).waitFor();
    expect(await page.locator('.step.done').count()).toBe(1);
    expect(await page.getByRole('link', { name: /Pay/ }).count()).toBe(0);
    await stage.set(token, reported('**An oracle.**\n\n```js\nlet a = 1;\n```'));
    await page.locator('.answer strong', { hasText: 'An oracle.' }).waitFor();
    await page.locator('.step.now', { hasText: 'Final' }).waitFor();
    expect(await page.locator('.card [data-copy]').first().getAttribute('data-copy')).toBe(hash(1));

    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await eventually(() => page.evaluate(() => navigator.clipboard.readText())).toBe('let a = 1;');

    await page.locator('.card').getByRole('button', { name: 'Skip 12 hours' }).click();
    await eventually(() => skips).toEqual([43_200]);
    await stage.set(token, final('**An oracle.**'));
    await page.locator('.card.final').waitFor();
    expect(await page.locator('.step.done').count()).toBe(4);
  });

  test('an answer can be asked further, and anybody replied to', async () => {
    const page = await open();
    const token = await stage.ask('What is TellorFlex?');
    await stage.set(token, reported('An oracle.'));
    await page.getByRole('button', { name: 'Ask further' }).click();
    await page.getByText('Replying to AI Marketplace An oracle.').waitFor();
    await page.keyboard.type('Why?');
    await page.keyboard.press('Enter');
    await eventually(() => stage.events).toMatchObject([{ name: 'ask', text: 'Why?', repliesTo: { id: '1' } }]);
    await page.locator('.reply', { hasText: 'An oracle.' }).waitFor();
    await page.getByText(/^Replying to/).waitFor({ state: 'detached' });
    await lines(page).filter({ hasText: 'Why?' }).first().hover();
    await page
      .getByRole('button', { name: /^Reply to/ })
      .nth(1)
      .click();
    await page.getByText(/^Replying to/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/^Replying to/).waitFor({ state: 'detached' });
  });

  test('what is for one person is shown to that person alone', async () => {
    const [ann, ben] = [await open(), await open()];
    await say(ann, '/help');
    await eventually(() => stage.events.length).toBe(1);
    const person = stage.events[0]?.person;
    await stage.say({ text: 'Just for you', buttons: [{ type: 'press', label: 'Press me', data: 'me' }] }, person);
    await stage.say({ text: 'For everybody' });
    await ann.getByText('Only you can see this.').waitFor();
    await ben.getByText('For everybody').waitFor();
    expect(await ben.getByText('Just for you').count()).toBe(0);
    await ann.getByRole('button', { name: 'Press me' }).click();
    await eventually(() => stage.events.at(-1)).toMatchObject({ type: 'press', data: 'me', person });
  });

  test('a lost connection is said, and nothing is missed or repeated when it is back', async () => {
    const page = await open();
    await say(page, 'before');
    await page.getByText('before', { exact: true }).waitFor();
    await stage.restart(async () => {
      await page.getByText('Reconnecting…').waitFor();
      await stage.say({ text: 'meanwhile' });
    });
    await page.getByText('meanwhile').waitFor();
    expect(await lines(page).count()).toBe(2);
    // The browser's own words about the connection that was refused.
    problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('net::ERR_')));
  });

  test.each([
    ['es-ES', 'Te damos la bienvenida a #asks', 'Enviar', 'Con el anfitrión', 'Seguir preguntando'],
    ['zh-CN', '欢迎来到 #asks', '发送', '主机处理中', '继续提问'],
    ['pt-BR', 'Boas-vindas a #asks', 'Enviar', 'Com o anfitrião', 'Perguntar mais'],
    ['ru-RU', 'Добро пожаловать в #asks', 'Отправить', 'У хоста', 'Спросить дальше'],
  ])('speaks the browser’s language: %s', async (locale, welcome, send, withHost, further) => {
    await context.close();
    context = await browser.newContext({
      viewport: { width: 320, height: 700 },
      locale,
      isMobile: true,
      hasTouch: true,
    });
    const page = await context.newPage();
    await page.goto(stage.url);
    await page.getByRole('heading', { name: welcome }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(locale.slice(0, 2));
    const token = await stage.ask('What is TellorFlex?');
    await stage.set(token, paid());
    await page.locator('.step.now', { hasText: withHost }).waitFor();
    await stage.set(token, reported('An oracle.'));
    await page.getByRole('button', { name: further }).click();
    await page.getByRole('button', { name: send }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await page.locator('body').innerText()).not.toMatch(/\b(?:chat|page)\.\w|\{\w+\}/);
  });

  test('on a phone nothing is wider than the screen, and the panel opens', async () => {
    await context.close();
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    const page = await context.newPage();
    await page.goto(stage.url);
    await stage.ask(`W${'i'.repeat(300)}de ${'0x'.padEnd(66, 'f')} \`code\``);
    await stage.set(
      't0'.padEnd(24, 'x'),
      reported(
        `| ${'wide | '.repeat(30)}\n|${'---|'.repeat(30)}\n\n\`\`\`\n${'x'.repeat(400)}\n\`\`\`\n${'y'.repeat(400)}`,
      ),
    );
    await page.locator('.answer').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const widths = await page.evaluate(() => [
      document.querySelector('.lines')?.scrollWidth ?? 0,
      document.querySelector('.lines')?.clientWidth ?? 0,
    ]);
    expect(widths[0]).toBe(widths[1]);
    await page.getByRole('button', { name: 'People and chain' }).click();
    await page.locator('.side.open').waitFor();
    await page.getByRole('button', { name: 'Close the panel' }).click({ position: { x: 350, y: 400 } });
    await page.locator('.side.open').waitFor({ state: 'detached' });
  });

  // Without the Content-Security-Policy as well: the renderer alone must hold.
  test.each([true, false])(
    'nothing that anybody writes becomes a program (bypassing the CSP: %s)',
    async (bypassCSP) => {
      await context.close();
      context = await browser.newContext({ bypassCSP });
      const foreign: string[] = [];
      const calls: string[] = [];
      await context.exposeFunction('pwned', () => void calls.push('pwned'));
      context.on(
        'request',
        (request) =>
          void (
            !request.url().startsWith(stage.url) &&
            !request.url().startsWith('data:') &&
            foreign.push(request.url())
          ),
      );
      const page = await context.newPage();
      page.on('dialog', (dialog) => {
        calls.push(dialog.message());
        void dialog.dismiss();
      });
      await page.goto(stage.url);
      await page.getByRole('button', { name: 'Change your name' }).waitFor();
      const author = stage.local.channel.join('attacker', 'window-attacker');
      stage.local.channel.rename(author, attacks[2] ?? '');
      for (const [index, attack] of attacks.entries()) {
        stage.local.typed(author, attack, { nonce: `nonce-${index}-0000` });
        await stage.say({
          text: attack,
          answer: attack,
          footer: attack,
          buttons: [
            { type: 'press', label: attack, data: 'x' },
            { type: 'link', label: attack, url: 'javascript:pwned()' },
          ],
        });
      }
      const token = await stage.ask(attacks.join('\n'), {
        person: { platform: 'discord', id: '1', name: attacks[3] ?? '' },
        model: { id: 1n, name: attacks[0] ?? '' },
      });
      await stage.set(token, reported(attacks.join('\n\n')));
      await stage.say({ text: 'the end' });
      await page.getByText('the end').waitFor();
      const check = async () => {
        for (const link of await page
          .locator('a')
          .evaluateAll((all) => all.map((a) => [a.getAttribute('href') ?? '', a.getAttribute('rel') ?? '']))) {
          expect(link[0]).toMatch(/^(https?:\/\/|#line-)/);
          if (link[0]?.startsWith('http') && !link[0].startsWith(stage.url)) expect(link[1]).toContain('noopener');
        }
        const found = await page.evaluate(() =>
          [...document.body.querySelectorAll('*')].flatMap((element) => [
            ...(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'LINK', 'STYLE', 'META', 'BASE', 'FORM'].includes(
              element.tagName,
            ) && !element.matches('form.composer')
              ? [element.tagName]
              : []),
            ...[...element.attributes]
              .filter(({ name }) => name.startsWith('on') || name === 'srcdoc')
              .map(({ name }) => `${element.tagName} ${name}`),
          ]),
        );
        expect(found).toEqual([]);
        // Whatever would run on a touch or a focus.
        await page.evaluate(() => {
          for (const element of document.body.querySelectorAll('.lines *, main .card *')) {
            for (const type of ['mouseover', 'focus', 'toggle', 'error', 'load'])
              element.dispatchEvent(new Event(type));
          }
        });
      };
      await check();
      await page.goto(`${stage.url}/pay/${token}`);
      await page.locator('.answer').waitFor();
      await check();
      expect({ calls, foreign }).toEqual({ calls: [], foreign: [] });
    },
  );

  test('three hundred lines are drawn at once and the newest is in view', async () => {
    for (let index = 0; index < 350; index += 1) await stage.say({ text: `line ${index}` });
    const page = await open();
    const last = page.getByText('line 349', { exact: true });
    await last.waitFor();
    await eventually(() => lines(page).count()).toBe(300);
    await eventually(() => last.evaluate((element) => element.getBoundingClientRect().bottom < innerHeight)).toBe(true);
    await page.getByRole('log').evaluate((element) => element.scrollTo(0, 0));
    await stage.say({ text: 'unseen' });
    await page.getByRole('button', { name: /New messages/ }).click();
    await eventually(() =>
      page.getByText('unseen').evaluate((element) => element.getBoundingClientRect().bottom < innerHeight),
    ).toBe(true);
  });
});
