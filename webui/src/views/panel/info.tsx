import { type FormEvent, useState } from 'react';
import type { Item } from '../../api/types_gen';
import { Button } from '../../components/button';
import { familyOf, Icon } from '../../components/icon';
import { BidiName } from '../../components/name';
import { Fact, When } from '../../components/parts';
import { useFormat, useTexts, visible } from '../../i18n';
import { useFile, useFolder, useSetTags, useTags } from '../../state/annotate';
import { explain } from '../../state/explain';
import { toast } from '../../state/announce';
import { kindOf, useNames } from '../../state/sharing';
import { useShare } from '../../state/shares';

export function Info({ share, id, item }: { share: string; id: string; item: Item | null }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const f = useFormat();
  const kind = kindOf(id);
  const file = useFile(id, kind === 'file');
  const folder = useFolder(id, kind === 'folder' && !item?.bare);
  const here = useShare(share);
  const names = useNames(share);
  const node = kind === 'file' ? file.data : folder.data;
  const owner = names((kind === 'share' ? here.data?.owner_id : node?.owner_id) ?? '');
  const maker = names(node?.created_by ?? '');
  const above = node?.path.replace(/\/[^/]*$/, '') ?? '';
  return (
    <div className="paneldata">
      <dl className="dl">
        <Fact name={t.kind}>{kind === 'share' ? t.share : common.families[kind === 'folder' ? 'folder' : familyOf(item?.name ?? '')]}</Fact>
        {kind === 'file' && <Fact name={t.size}>{f.size(file.data?.size ?? item?.size ?? 0)}</Fact>}
        {kind === 'share' && here.data && <Fact name={t.used}>{f.size(here.data.used_bytes)}</Fact>}
        {node && <Fact name={t.where}><BidiName>{`${here.data?.name ?? ''}${above}`}</BidiName></Fact>}
        {owner && <Fact name={t.owner('').replace(/:\s*$/, '')}><BidiName>{owner}</BidiName></Fact>}
        {node && <Fact name={t.modified}><When at={node.modified_at} /></Fact>}
        {node && <Fact name={t.made}><When at={node.created_at} />{maker ? <>, <BidiName>{maker}</BidiName></> : null}</Fact>}
        {file.data && <Fact name={t.version}>{f.number(file.data.version)}</Fact>}
        {file.data && <Fact name={t.checksum}><span className="mono tiny hash">{file.data.checksum_sha256}</span></Fact>}
      </dl>
      {kind !== 'share' && !item?.bare && <TagList id={id} may={!item || ((item.permissions ?? 63) & 2) !== 0} />}
    </div>
  );
}

const longest = 64, most = 50;

function TagList({ id, may }: { id: string; may: boolean }) {
  const t = useTexts('panel');
  const common = useTexts('common');
  const { data } = useTags(id);
  const set = useSetTags(id);
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const list = data?.tags ?? [];
  const put = async (next: string[]) => {
    try {
      await set.mutateAsync(next);
      return true;
    } catch (e) {
      toast(t.tagFailed(explain(e, common)), { kind: 'alert' });
      return false;
    }
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const tag = text.trim();
    if (!tag || set.isPending) return;
    if (new TextEncoder().encode(tag).length > longest) setError(t.tagLong);
    else if (list.length >= most) setError(t.tagMany);
    else void put([...list, tag]).then((ok) => { if (ok) setText(''); });
  };
  return (
    <section className="stack" aria-label={t.tags}>
      <h3>{t.tags}</h3>
      {list.length ? (
        <ul className="row wrap">
          {list.map((tag) => (
            <li key={tag} className="chip"><BidiName>{tag}</BidiName>{may && <button type="button" className="chipx" aria-label={t.removeTag(visible(tag))} onClick={() => void put(list.filter((x) => x !== tag))}><Icon name="x" size="s" /></button>}</li>
          ))}
        </ul>
      ) : data ? <p className="small muted">{t.noTags}</p> : null}
      {may && (
        <form className="row" onSubmit={submit} noValidate>
          <input className={`input${error ? ' bad' : ''}`} aria-label={t.addTag} placeholder={t.addTag} value={text} autoComplete="off" onChange={(e) => { setText(e.target.value); setError(''); }} />
          <Button type="submit" isDisabled={!text.trim()}>{t.add}</Button>
        </form>
      )}
      <p className="err" role={error ? 'alert' : undefined}>{error}</p>
    </section>
  );
}
