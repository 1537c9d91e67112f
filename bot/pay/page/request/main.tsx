import { render } from 'preact';
import { copyOnClick } from '../shared.tsx';
import { readWords } from '../words.tsx';
import { RequestPage } from './RequestPage.tsx';

const root = document.getElementById('app');
if (root) {
  readWords();
  copyOnClick();
  root.replaceChildren();
  render(<RequestPage />, root);
}
