import { render } from 'preact';
import { copyOnClick } from '../../pay/page/shared.tsx';
import { ChatPage } from './ChatPage.tsx';

const root = document.getElementById('app');
if (root) {
  copyOnClick();
  root.replaceChildren();
  render(<ChatPage />, root);
}
