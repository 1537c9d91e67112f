import { useRef } from 'preact/hooks';
import { Icon } from '../../pay/page/shared.tsx';

/** The names of what will be sent along, each with a button that takes it out again. */
export function ChosenFiles({ files, onChange }: { files: readonly File[]; onChange: (files: File[]) => void }) {
  if (files.length === 0) return null;
  return (
    <ul class="chosen" aria-label="Attached files">
      {files.map((file) => (
        <li key={file.name}>
          <Icon name="clip" /> {file.name}
          <button
            type="button"
            aria-label={`Take out ${file.name}`}
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
        aria-label="Text files"
        onChange={(event) => {
          onChoose([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <button
        type="button"
        class="attach"
        aria-label="Attach text files"
        title="Attach short text files: notes, code, data, or a workload (.py)"
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
    </>
  );
}
