import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, type PressEvent, Tooltip, TooltipTrigger } from 'react-aria-components';
import { Icon, type IconName } from './icon';

export interface ButtonProps {
  children: ReactNode;
  icon?: IconName;
  kind?: 'primary' | 'danger' | 'quiet';
  small?: boolean;
  block?: boolean;
  big?: boolean;
  type?: 'button' | 'submit';
  /** Why it can't be pressed; it stays reachable and says so. */
  reason?: string | undefined;
  isDisabled?: boolean;
  className?: string;
  label?: string;
  autoFocus?: boolean;
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
  onPress?: (e: PressEvent) => void;
}

export function Button({ children, icon, kind, small, block, big, type = 'button', reason, className, label, pressed, onPress, ...rest }: ButtonProps) {
  const cls = ['btn', kind, small && 'sm', block && 'block', big && 'big', className, reason && 'off'].filter(Boolean).join(' ');
  const button = (
    <AriaButton className={cls} type={type} {...(label ? { 'aria-label': label } : {})} {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(reason ? { 'aria-disabled': 'true' } : {})} onPress={(e) => { if (!reason) onPress?.(e); }} {...rest}>
      {icon && <Icon name={icon} {...(small ? { size: 's' as const } : {})} />}{children}
    </AriaButton>
  );
  return reason ? <Hint text={reason}>{button}</Hint> : button;
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'label' | 'icon'> {
  icon: IconName;
  /** Its name, also shown as a tooltip. */
  label: string;
  fill?: boolean;
}

/** A button that is an icon alone. */
export function IconButton({ icon, label, kind = 'quiet', small, className, pressed, reason, onPress, fill = false, ...rest }: IconButtonProps) {
  const cls = ['btn', 'icon', kind, small && 'sm', className].filter(Boolean).join(' ');
  return (
    <Hint text={reason ? `${label}: ${reason}` : label}>
      <AriaButton className={cls} aria-label={label} {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        {...(reason ? { 'aria-disabled': 'true' } : {})} onPress={(e) => { if (!reason) onPress?.(e); }} {...rest} type={rest.type ?? 'button'}>
        <Icon name={icon} fill={fill} {...(small ? { size: 's' as const } : {})} />
      </AriaButton>
    </Hint>
  );
}

export function Hint({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={600} closeDelay={80}>
      {children}
      <Tooltip className="tip" offset={6}>{text}</Tooltip>
    </TooltipTrigger>
  );
}

/** A button that looks like a link, inside of text. */
export function LinkButton({ children, onPress, label }: { children: ReactNode; onPress: () => void; label?: string }) {
  return <AriaButton className="linkish" onPress={onPress} {...(label ? { 'aria-label': label } : {})}>{children}</AriaButton>;
}
