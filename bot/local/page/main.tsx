import { render } from 'preact';
import { copyOnClick } from '../../pay/page/shared.tsx';
import { readWords } from '../../pay/page/words.tsx';
import { ChatPage } from './ChatPage.tsx';

const root = document.getElementById('app');
if (root) {
  readWords();
  copyOnClick();
  root.replaceChildren();
  render(<ChatPage />, root);
}
