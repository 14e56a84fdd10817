// The row of versions: look at one, tick two, bring one back.
import { useState } from 'react';
import type { File as Stored, Version } from '../../api/types_gen';
import { Button, IconButton } from '../../components/button';
import { BidiName } from '../../components/name';
import { Badge, When } from '../../components/parts';
import { useFormat, useTexts } from '../../i18n';
import { useNames } from '../../state/sharing';
import { navigate, withQuery } from '../../state/router';
import { useVersionActs } from './acts';

export function Timeline({ f, list, at }: { f: Stored; list: readonly Version[]; at: string }) {
  const t = useTexts('versions');
  const p = useTexts('panel');
  const format = useFormat();
  const names = useNames(f.share_id);
  const now = list.find((v) => v.id === f.version_id) ?? list[0];
  const acts = useVersionActs(f, now);
  const [ticked, setTicked] = useState<readonly number[]>([]);
  const tick = (n: number, on: boolean) => setTicked(on ? [...ticked, n].slice(-2) : ticked.filter((x) => x !== n));
  const look = (n: number) => navigate(withQuery({ a: '', b: '', v: String(n) }));
  const compare = () => {
    const [a, b] = [...ticked].sort((x, y) => x - y);
    navigate(withQuery({ a: String(a), b: String(b), v: '' }));
  };
  return (
    <>
      <div className="row wrap vtools">
        <Button small icon="compare" reason={ticked.length === 2 ? undefined : t.tickTwo} onPress={compare}>{t.compareTicked}</Button>
        <span className="tiny muted push">{t.count(list.length)}</span>
      </div>
      <ol className="timeline" aria-label={t.timeline}>
        {list.map((v, i) => {
          const on = v.id === at;
          const who = names(v.created_by);
          return (
            <li key={v.id} className={on ? 'on' : ''} {...(on ? { 'aria-current': 'true' as const } : {})}>
              <span className={`pt${v === now ? ' now' : ''}`} aria-hidden="true" />
              <div className="vwhat">
                <p className="row wrap"><button type="button" className="linkish plainlink strong" aria-label={t.look(v.version_number)} onClick={() => look(v.version_number)}>{p.versionNumber(v.version_number)}</button>{v === now && <Badge kind="ok" icon="check">{p.current}</Badge>}{now && v.version_number > now.version_number && <Badge kind="warn" icon="conflict">{t.lost}</Badge>}</p>
                <p className="small muted"><When at={v.created_at} />{who ? <>, <BidiName>{who}</BidiName></> : null}, {format.size(v.size)}</p>
                {on && (
                  <div className="row wrap vacts">
                    {v !== now && <Button small kind="primary" icon="undo" label={p.restoreOf(v.version_number)} reason={acts.may ? undefined : p.noWrite} isDisabled={acts.busy} onPress={() => void acts.restore(v)}>{p.restore}</Button>}
                    {list[i + 1] && <Button small icon="compare" onPress={() => navigate(withQuery({ a: String(list[i + 1]?.version_number), b: String(v.version_number), v: '' }))}>{t.compareBefore}</Button>}
                    <IconButton small icon="download" kind="quiet" label={p.downloadOf(v.version_number)} onPress={() => void acts.save(v)} />
                  </div>
                )}
              </div>
              <label className="tickbox"><input className="check" type="checkbox" checked={ticked.includes(v.version_number)} aria-label={t.tick(v.version_number)} onChange={(e) => tick(v.version_number, e.target.checked)} /></label>
            </li>
          );
        })}
      </ol>
      {at && now && at !== now.id && acts.may && <p className="small muted vhelp">{t.restoreHelp(list.find((v) => v.id === at)?.version_number ?? 0, now.version_number)}</p>}
    </>
  );
}
