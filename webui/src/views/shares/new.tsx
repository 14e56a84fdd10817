// The dialog for a new share: "?new=share" over any view.
import { AskName } from '../../components/dialog';
import { useTexts } from '../../i18n';
import { explain, sentence } from '../../state/explain';
import { at, navigate, useQueryValue } from '../../state/router';
import { useCreateShare } from '../../state/shares';

export function NewShare() {
  const t = useTexts('files');
  const common = useTexts('common');
  const [open, set] = useQueryValue('new');
  const create = useCreateShare();
  if (open !== 'share') return null;
  return (
    <AskName title={t.newShare} label={t.shareName} action={t.createShare} missing={t.nameMissing} explain={(e) => sentence(explain(e, common))} onClose={() => set('')}
      use={async (name) => {
        const made = await create.mutateAsync(name);
        navigate(at.folder(made.id), { replace: true });
      }} />
  );
}
