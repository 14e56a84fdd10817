// Menus, from a button or at a place: data in, so that the same actions stand in a
// row's menu, its context menu and the bar.
import { type ReactNode, type RefObject, useRef } from 'react';
import { Header, Keyboard, Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger, Popover, Separator, Text } from 'react-aria-components';
import { Icon, type IconName } from './icon';

export interface Action {
  id: string;
  text: string;
  icon?: IconName;
  /** The key that does the same, as it is shown. */
  keys?: string;
  danger?: boolean;
  /** Why it can't be chosen; it is shown, disabled. */
  reason?: string | undefined;
  run?: () => void;
  href?: string;
}

/** One of several; chosen ones have a check mark. */
export interface Choice {
  id: string;
  title: string;
  chosen: string;
  options: readonly { id: string; text: string }[];
  choose: (id: string) => void;
}

export type MenuEntry = Action | Choice | 'line';

const isChoice = (e: MenuEntry): e is Choice => e !== 'line' && 'options' in e;

export function Menu({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
  const actions = entries.filter((e): e is Action => e !== 'line' && !isChoice(e));
  return (
    <AriaMenu className="menu" aria-label={label} disabledKeys={actions.filter((a) => a.reason).map((a) => a.id)}
      onAction={(key) => actions.find((a) => a.id === key)?.run?.()}>
      {entries.map((e, i) => {
        if (e === 'line') return <Separator key={`line ${i}`} className="line" />;
        if (isChoice(e)) {
          return (
            <MenuSection key={e.id} selectionMode="single" disallowEmptySelection selectedKeys={[e.chosen]}
              onSelectionChange={(keys) => { for (const k of keys as Set<string>) e.choose(k); }}>
              <Header>{e.title}</Header>
              {e.options.map((o) => (
                <MenuItem key={o.id} id={o.id} textValue={o.text}>
                  {({ isSelected }) => <>{isSelected ? <Icon name="check" /> : <span className="i" />}<Text slot="label">{o.text}</Text></>}
                </MenuItem>
              ))}
            </MenuSection>
          );
        }
        return (
          <MenuItem key={e.id} id={e.id} textValue={e.text} className={e.danger ? 'danger' : ''} {...(e.href ? { href: e.href } : {})}>
            {e.icon ? <Icon name={e.icon} /> : null}
            <span className="grow"><Text slot="label">{e.text}</Text>{e.reason ? <Text slot="description" className="why">{e.reason}</Text> : null}</span>
            {e.keys ? <Keyboard className="key">{e.keys}</Keyboard> : null}
          </MenuItem>
        );
      })}
    </AriaMenu>
  );
}

/** A button that opens a menu. The button is the first child. */
export function MenuButton({ button, label, entries, above }: { button: ReactNode; label: string; entries: readonly MenuEntry[]; above?: ReactNode }) {
  return (
    <MenuTrigger>
      {button}
      <Popover className="pop" placement="bottom end" offset={4}>{above}<Menu label={label} entries={entries} /></Popover>
    </MenuTrigger>
  );
}

export interface Spot {
  x: number;
  y: number;
  /** What the menu belongs to; it gets the focus back. */
  from: HTMLElement | null;
}

/** A menu at a place: open while spot is there. */
export function ContextMenu({ spot, label, entries, onClose }: { spot: Spot | null; label: string; entries: readonly MenuEntry[]; onClose: () => void }) {
  const anchor = useRef<HTMLSpanElement>(null);
  return (
    <>
      <span ref={anchor} className="anchor" style={spot ? { insetInlineStart: 'auto', left: spot.x, top: spot.y } : {}} />
      {spot && (
        <Popover className="pop" triggerRef={anchor as RefObject<HTMLElement | null>} isOpen placement="bottom start" offset={0} onOpenChange={(open) => {
          if (open) return;
          onClose();
          requestAnimationFrame(() => { if (document.activeElement === document.body) spot.from?.focus(); });
        }}>
          <MenuClosing label={label} entries={entries} onClose={() => { onClose(); spot.from?.focus(); }} />
        </Popover>
      )}
    </>
  );
}

function MenuClosing({ label, entries, onClose }: { label: string; entries: readonly MenuEntry[]; onClose: () => void }) {
  const closing = entries.map((e) => (e === 'line' || isChoice(e) ? e : { ...e, run: () => { onClose(); e.run?.(); } }));
  return <Menu label={label} entries={closing} />;
}
