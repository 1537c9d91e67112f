import { render } from 'preact';
import { PayPage } from './PayPage.tsx';
import { copyOnClick } from './shared.tsx';

const root = document.getElementById('app');
if (root) {
  copyOnClick();
  root.replaceChildren();
  render(<PayPage />, root);
}
