import { useRef } from 'preact/hooks';
import { Icon } from '../../pay/page/shared.tsx';
import { say } from '../../pay/page/words.tsx';

/** The names of what will be sent along, each with a button that takes it out again. */
export function ChosenFiles({ files, onChange }: { files: readonly File[]; onChange: (files: File[]) => void }) {
  if (files.length === 0) return null;
  return (
    <ul class="chosen" aria-label={say('chat.attached')}>
      {files.map((file) => (
        <li key={file.name}>
          <Icon name="clip" /> {file.name}
          <button
            type="button"
            aria-label={say('chat.takeOut', { name: file.name })}
            onClick={() => onChange(files.filter((each) => each !== file))}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The button that opens the browser's own choice of files. */
export function AttachButton({ onChoose }: { onChoose: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={say('chat.files')}
        onChange={(event) => {
          onChoose([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <button
        type="button"
        class="attach"
        aria-label={say('chat.attach')}
        title={say('chat.attachHint')}
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
    </>
  );
}
