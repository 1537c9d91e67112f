import { render } from 'preact';
import { copyOnClick } from '../shared.tsx';
import { RequestPage } from './RequestPage.tsx';

const root = document.getElementById('app');
if (root) {
  copyOnClick();
  root.replaceChildren();
  render(<RequestPage />, root);
}
