import { render } from 'preact';
import { PayPage } from './PayPage.tsx';
import { copyOnClick } from './shared.tsx';
import { readWords } from './words.tsx';

const root = document.getElementById('app');
if (root) {
  readWords();
  copyOnClick();
  root.replaceChildren();
  render(<PayPage />, root);
}
